/// A request that got no answer, or one that cannot be used.
///
/// It names the host and never the URL: paths and queries may hold signatures.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable {
    /// The URL, a header or a file of the configuration cannot be used: nothing was sent.
    case invalidRequest
    case hostNotFound
    case connectionRefused
    case connectTimeout
    /// The server's certificate is not trusted, or not the pinned one; `fingerprint` is its SHA-256.
    case certificateUntrusted
    case tls
    /// Nothing moved for as long as `HTTPTimeouts.idle` says, or the whole took longer than `total`.
    case timeout
    /// The connection broke before the answer was complete.
    case interrupted
    case responseTooLarge
    /// What came is no HTTP, or a redirection that is not followed.
    case invalidResponse
    /// The body's source gave more or fewer bytes than it had said.
    case bodyLength
  }

  public var kind: Kind
  /// Name and port as in the URL; empty where there was none.
  public var host: String
  public var detail: String
  /// SHA-256, hexadecimal, of the server's certificate, where that is what is wrong.
  public var fingerprint: String?

  public init(_ kind: Kind, host: String, _ detail: String, fingerprint: String? = nil) {
    self.kind = kind
    self.host = host
    self.detail = detail
    self.fingerprint = fingerprint
  }

  /// True where the same request may fare better a little later.
  public var isRetryable: Bool {
    switch kind {
    case .hostNotFound, .connectionRefused, .connectTimeout, .timeout, .interrupted: true
    case .invalidRequest, .certificateUntrusted, .tls, .responseTooLarge, .invalidResponse, .bodyLength: false
    }
  }

  public var description: String { host.isEmpty ? detail : "\(host): \(detail)" }
}
