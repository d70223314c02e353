//! All codes of mistakes, each with its page.
//!
//! A code is never renamed and never used for something else: scripts and people know it. To add one, write its line
//! here and `docs/codes/CODE.md`; without the page the program doesn't build, and tests hold that the page's example
//! gives that code and that somebody uses it.
use std::fmt;

macro_rules! codes {
    ($($name:ident = $text:literal,)*) => {
        /// What kind of mistake something is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(
                #[doc = concat!("`", $text, "`, told of in `docs/codes/", $text, ".md`.")]
                $name,
            )*
        }

        impl Code {
            /// All codes there are.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// As it is printed: `unknown-field`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)*
                }
            }

            /// Its page, in Markdown: cause, example, remedy.
            pub const fn page(self) -> &'static str {
                match self {
                    $(Code::$name => {
                        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes/", $text, ".md"))
                    })*
                }
            }
        }
    };
}

codes! {
    // Tables: rows, values, forms.
    UnknownPlace = "unknown-place",
    UnknownField = "unknown-field",
    UnknownForm = "unknown-form",
    UnknownKey = "unknown-key",
    UnknownWord = "unknown-word",
    UnknownValues = "unknown-values",
    UnknownUnit = "unknown-unit",
    UnknownTimeFormat = "unknown-time-format",
    UnknownMessage = "unknown-message",
    UnitMissing = "unit-missing",
    TimeFormatMissing = "time-format-missing",
    OptionMissing = "option-missing",
    TypeMismatch = "type-mismatch",
    WrongType = "wrong-type",
    WrongOption = "wrong-option",
    WrongForm = "wrong-form",
    WrongLength = "wrong-length",
    WrongTemplate = "wrong-template",
    WrongBlank = "wrong-blank",
    DefaultUnknown = "default-unknown",
    PlaceTakenTwice = "place-taken-twice",
    FieldTakenTwice = "field-taken-twice",
    ListedTwice = "listed-twice",
    SumUnrelated = "sum-unrelated",
    ValueNotInSchema = "value-not-in-schema",
    ValueNotMapped = "value-not-mapped",
    ValueTakenTwice = "value-taken-twice",
    ValueUnreachable = "value-unreachable",
    CaseUnreachable = "case-unreachable",
    MessagesTooDeep = "messages-too-deep",
    // The message as a whole, and its schema.
    RequiredNotFilled = "required-not-filled",
    PropertyNotMapped = "property-not-mapped",
    ReplacesNothing = "replaces-nothing",
    SchemaMissing = "schema-missing",
    SchemaIdle = "schema-idle",
    SchemaNotJson = "schema-not-json",
    SchemaNotValid = "schema-not-valid",
    SchemaEndless = "schema-endless",
    SchemaRepeats = "schema-repeats",
    SchemaContradicts = "schema-contradicts",
    UnknownKeyword = "unknown-keyword",
    KeywordIdle = "keyword-idle",
    RequiredUnlisted = "required-unlisted",
    StraySchema = "stray-schema",
    // The dialect around messages.
    TomlSyntax = "toml-syntax",
    TableMissing = "table-missing",
    MessageIdle = "message-idle",
    ValuesIdle = "values-idle",
    BasesClash = "bases-clash",
    BaseHidden = "base-hidden",
    RoutesClash = "routes-clash",
    StatusTakenTwice = "status-taken-twice",
    FaultHidden = "fault-hidden",
    FaultUnwritten = "fault-unwritten",
    ReplyUntold = "reply-untold",
    FaultNotBound = "fault-not-bound",
    FaultCodeUnfit = "fault-code-unfit",
    FaultUnfit = "fault-unfit",
    UnknownFault = "unknown-fault",
    UnknownFind = "unknown-find",
    UnknownKeep = "unknown-keep",
    UnknownPlaceholder = "unknown-placeholder",
    UnknownOperation = "unknown-operation",
    UnknownOutcome = "unknown-outcome",
    WrongHeader = "wrong-header",
    WrongName = "wrong-name",
    AgainUntold = "again-untold",
    RequestUntold = "request-untold",
    TargetUntold = "target-untold",
    FieldMisplaced = "field-misplaced",
    MintUnfit = "mint-unfit",
    WrongContentType = "wrong-content-type",
    WrongRoute = "wrong-route",
    WrongStatus = "wrong-status",
    // Files and folders.
    Unreadable = "unreadable",
    EmptyFolder = "empty-folder",
    StrayFile = "stray-file",
    // The configuration.
    ConfigSyntax = "config-syntax",
    ConfigType = "config-type",
    ConfigEmpty = "config-empty",
    ConfigName = "config-name",
    ConfigRange = "config-range",
    ConfigDuration = "config-duration",
    ConfigFile = "config-file",
    ConfigTwice = "config-twice",
    ConfigAddress = "config-address",
    ConfigUrl = "config-url",
    ConfigChoice = "config-choice",
    ConfigSupply = "config-supply",
    ConfigIdle = "config-idle",
    MissingKey = "missing-key",
    MissingRole = "missing-role",
    UnusedRole = "unused-role",
    NoUpstream = "no-upstream",
    NoCaller = "no-caller",
    NoRoute = "no-route",
    NoRandom = "no-random",
    PlainListener = "plain-listener",
    PlainUpstream = "plain-upstream",
    PlainCertificates = "plain-certificates",
    RouteUnreachable = "route-unreachable",
    SameSecret = "same-secret",
    SecretEmpty = "secret-empty",
    SecretFile = "secret-file",
    SecretLiteral = "secret-literal",
    SecretPlain = "secret-plain",
    SecretSource = "secret-source",
    SecretUnset = "secret-unset",
    UnknownName = "unknown-name",
    UnknownDialect = "unknown-dialect",
    UnknownVariant = "unknown-variant",
    WrongSupply = "wrong-supply",
    // Crosswalks.
    CrosswalkFile = "crosswalk-file",
    CrosswalkCsv = "crosswalk-csv",
    CrosswalkJson = "crosswalk-json",
    CrosswalkColumn = "crosswalk-column",
    CrosswalkCells = "crosswalk-cells",
    CrosswalkKind = "crosswalk-kind",
    CrosswalkPart = "crosswalk-part",
    CrosswalkText = "crosswalk-text",
    CrosswalkAccess = "crosswalk-access",
    CrosswalkNameless = "crosswalk-nameless",
    CrosswalkOneSpace = "crosswalk-one-space",
    CrosswalkTwice = "crosswalk-twice",
    CrosswalkTooLarge = "crosswalk-too-large",
}

impl Code {
    /// The code of that name.
    pub fn named(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
