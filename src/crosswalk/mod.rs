//! crosswalk.
