/// The environment of a connector: a list of what passes, so that what else the host knows does not leak into it.
enum ProcessEnvironment {
  static let allowed: Set<String> = ["PATH", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"]
  static let proxies: Set<String> = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"]

  /// Tells the program that a host started it, and no person by hand.
  static let marker = "ASCEND_CONNECTOR"

  static func filtered(_ environment: [String: String]) -> [String: String] {
    var result = environment.filter { allowed.contains($0.key) || proxies.contains($0.key.lowercased()) }
    if result["PATH", default: ""].isEmpty { result["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
    result[marker] = "1"
    return result
  }
}
