public import Foundation

/// What a request sends.
public enum HTTPBody: Sendable {
  case none
  case bytes(Data)
  /// Pieces from `next`, until it gives nil. With a length they are sent as they are, and must add up to it; without one
  /// in chunks. `next` is asked only as fast as the server takes what there is.
  case stream(length: Int64?, next: @Sendable () async throws -> Data?)

  /// Bytes, where that is known before sending.
  public var length: Int64? {
    switch self {
    case .none: 0
    case .bytes(let data): Int64(data.count)
    case .stream(let length, _): length
    }
  }
}
