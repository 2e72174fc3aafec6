internal import LinuxKernel

/// Every runtime's way to be told which certificate authorities to trust.
///
/// A variable that replaces the built-in roots gets the system's bundle with the gateway's CA at its end; one that adds to
/// them gets the CA alone. Sources: each runtime's documentation, as collected in the decision record on trust variables.
enum TrustVariables {
    static let bundle = JailFile.folder + "/bundle.pem"
    static let authority = JailFile.folder + "/ca.pem"
    static let hashedFolder = JailFile.folder + "/certs"
    static let javaStore = JailFile.folder + "/cacerts.jks"
    static let javaStorePassword = "changeit"

    /// Variables that name a PEM file which replaces the built-in roots.
    static let replacing = [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO",
        "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE", "BUNDLE_SSL_CA_CERT", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
        "HTTPLIB2_CA_CERTS", "CONDA_SSL_VERIFY", "npm_config_cafile", "YARN_HTTPS_CA_FILE_PATH",
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "PERL_LWP_SSL_CA_FILE", "HTTPS_CA_FILE", "HEX_CACERTS_PATH",
        "JULIA_SSL_CA_ROOTS_PATH", "CODEX_CA_CERTIFICATE", "COMPOSER_CAFILE",
    ]

    /// Variables that name a PEM file which is added to the built-in roots.
    static let adding = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"]

    /// - Parameter javaOptions: the invoker's `JAVA_TOOL_OPTIONS`, which are kept.
    static func all(javaOptions: String?) -> [(String, String)] {
        var result: [(String, String)] = replacing.map { ($0, bundle) } + adding.map { ($0, authority) }
        // OpenSSL, Go and rustls read several folders; the system's own stays among them.
        result.append(("SSL_CERT_DIR", hashedFolder + ":/etc/ssl/certs"))
        let store = "-Djavax.net.ssl.trustStore=\(javaStore) -Djavax.net.ssl.trustStoreType=JKS "
            + "-Djavax.net.ssl.trustStorePassword=\(javaStorePassword)"
        result.append(("JAVA_TOOL_OPTIONS", javaOptions.map { "\($0) \(store)" } ?? store))
        return result
    }
}
