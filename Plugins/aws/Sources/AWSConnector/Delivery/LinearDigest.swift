import ConnectorProtocol
import Foundation

/// The aggregate that EBS calls LINEAR: SHA-256 of the blocks' raw digests, one after the other.
///
/// A reference, so that a closure can add to it; used by one task.
final class LinearDigest {
  private var hash: SHA256? = SHA256()

  func add(_ digests: Data) {
    guard !digests.isEmpty, var open = hash.take() else { return }
    open.update(digests)
    hash = consume open
  }

  /// In Base64; once.
  func text() -> String? {
    guard let open = hash.take() else { return nil }
    return Data(open.finish()).base64EncodedString()
  }
}
