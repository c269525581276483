public import Foundation

/// A key to sign requests with, for good or until it expires.
public struct AWSCredentials: Hashable, Sendable {
  public var accessKeyId: String
  public var secretAccessKey: String
  /// Comes with temporary keys, and is then part of every signature.
  public var sessionToken: String?
  /// When they cease to be valid; nil for keys that last.
  public var expiresAt: Date?

  public init(accessKeyId: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Date? = nil) {
    self.accessKeyId = accessKeyId
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiresAt = expiresAt
  }
}

/// Where keys come from. It keeps them and renews them by itself before they expire, in the middle of an upload too.
public protocol CredentialsSource: Sendable {
  /// - Throws: `AWSError` with the code `NoCredentials` where nothing in the order of search gives any.
  func credentials() async throws(AWSError) -> AWSCredentials
  /// Says that a service did not accept these (they were revoked, or expired early): the next call gets others where
  /// there are any.
  func rejected(_ credentials: AWSCredentials) async
}
