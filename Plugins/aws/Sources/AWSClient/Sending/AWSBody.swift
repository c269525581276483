public import Foundation

/// What a request sends. It can be begun anew: a request that failed is sent again from its start.
public enum AWSBody: Sendable {
  /// Bytes, with their SHA-256 where it is known already.
  case bytes(Data, sha256: [UInt8]? = nil)
  /// So many bytes, from a source that `open` begins anew each time.
  case stream(length: Int64, open: @Sendable () throws -> @Sendable () async throws -> Data?)
}

extension AWSBody {
  func collected() async throws -> Data {
    switch self {
    case .bytes(let data, _): return data
    case .stream(_, let open):
      let next = try open()
      var data = Data()
      while let piece = try await next() { data += piece }
      return data
    }
  }
}
