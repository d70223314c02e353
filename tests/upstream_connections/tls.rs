//! TLS towards an upstream: whom it trusts, and how it shows who it is.
use super::*;

#[tokio::test]
async fn tls_is_verified_against_the_named_ca_and_the_hosts_name() {
    let (ca, other) = (Authority::new(), Authority::new());
    let port = tls_server(ca.sign("localhost"), None).await.port();
    let good = Upstream::new(https(port, "localhost", &ca), SignIn::default()).unwrap();
    assert_eq!(call(&good, get("/")).await.unwrap().body, "hello");
    assert!(good.reachable().await);
    let wrong_ca = https(port, "localhost", &other);
    let wrong_name = https(port, "127.0.0.1", &ca);
    let platform = UpstreamSettings { ca: None, ..https(port, "localhost", &ca) };
    for (settings, why) in [(wrong_ca, "UnknownIssuer"), (wrong_name, "not valid for name"), (platform, "")] {
        let upstream = Upstream::new(settings, SignIn::default()).unwrap();
        let error = call(&upstream, post("/create", "{}")).await.unwrap_err();
        assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(!upstream.reachable().await);
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_the_upstream_demands_one() {
    let ca = Authority::new();
    let port = tls_server(ca.sign("localhost"), Some(&ca)).await.port();
    let client =
        UpstreamSettings { client_certificate: Some(ca.sign("gateway")), ..https(port, "localhost", &ca) };
    let upstream = Upstream::new(client, SignIn::default()).unwrap();
    assert_eq!(call(&upstream, get("/")).await.unwrap().body, "hello");
    let without = Upstream::new(https(port, "localhost", &ca), SignIn::default()).unwrap();
    let error = call(&without, post("/create", "{}")).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Unreachable(why) if why.contains("CertificateRequired")),
        "{error:?}"
    );
    // One that another CA signed.
    let other = Authority::new();
    let foreign =
        UpstreamSettings { client_certificate: Some(other.sign("gateway")), ..https(port, "localhost", &ca) };
    let foreign = Upstream::new(foreign, SignIn::default()).unwrap();
    let error = call(&foreign, post("/create", "{}")).await.unwrap_err();
    assert!(matches!(&error, CallError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn certificate_files_of_no_use_are_named_and_never_quoted() {
    let ca = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("missing.pem"), folder.path().join("empty.pem"));
    std::fs::write(&empty, "-----BEGIN PRIVATE KEY secret-bytes").unwrap();
    let with = |certificate: &std::path::Path, key: &std::path::Path| {
        let settings = UpstreamSettings {
            client_certificate: Some((certificate.into(), key.into())),
            ..https(1, "localhost", &ca)
        };
        Upstream::new(settings, SignIn::default()).unwrap_err()
    };
    let (certificate, _) = ca.sign("a");
    let (_, foreign_key) = ca.sign("b");
    assert!(matches!(with(&missing, &missing), UpstreamError::File { path, .. } if path == missing));
    let error = with(&certificate, &empty);
    assert!(matches!(&error, UpstreamError::Pem { what: "private key", .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret-bytes"));
    let error = with(&certificate, &foreign_key);
    assert!(matches!(error, UpstreamError::Tls(_)), "{error:?}");
}
