import ConnectorDisk
import ConnectorProtocol
import Foundation
public import Support
import Synchronization

/// The content digest of a disk (`protocol/README.md`, section 12), and what it took.
public struct DiskDigest: Codable, Hashable, Sendable {
  /// `ascend1:` and 64 hexadecimal digits.
  public var digest: String
  /// The guest-visible bytes, which are in the digest too.
  public var sizeBytes: Int64
  public var bytesRead: Int64
  /// Zeros that were not read.
  public var bytesSkipped: Int64
  public var seconds: Double

  /// Gets how many bytes are dealt with, and of how many.
  public typealias Progress = @Sendable (_ done: Int64, _ total: Int64) -> Void

  private static let connections = 4

  /// Reads a disk through an export of its own, whatever its format and however its zeros are stored.
  ///
  /// - Parameter socket: Where the export's socket is made.
  /// - Throws: `disk.unreadable`, `disk.exportFailed`, `disk.socketPath`, `cancelled`.
  public static func compute(
    of chain: DiskChain, socket: String, progress: @escaping Progress = { _, _ in }
  ) async throws(AscendError) -> DiskDigest {
    let object = chain.layers.last?.path
    do {
      return try await NBDExport.withExport(of: chain, socket: socket, connections: connections) { uri in
        try await read(uri, object: object, progress: progress)
      }
    } catch {
      throw AscendError.wrapping(error, as: "disk.unreadable", "The disk cannot be read", object: object)
    }
  }

  /// Reads a disk that is exported already.
  ///
  /// - Parameter object: What to name in an error.
  public static func read(
    _ uri: String, object: String?, progress: @escaping Progress = { _, _ in }
  ) async throws(AscendError) -> DiskDigest {
    let start = ContinuousClock.now
    do {
      let reader = try await DiskReader.open(uri, connections: connections)
      let digester = ContentDigester(sizeBytes: reader.sizeBytes)
      let done = Atomic<Int64>(0)
      let advance: @Sendable (Int64) -> Void = { count in
        progress(done.add(count, ordering: .relaxed).newValue, reader.sizeBytes)
      }
      let totals = try await reader.forEachChunk(
        digester: digester, zeros: { advance($0.upperBound - $0.lowerBound) }, { advance(Int64($0.count)) })
      guard let text = digester.text else {
        throw AscendError("disk.unreadable", "Not all of the disk was read", object: object, remedy: "Try again")
      }
      return DiskDigest(
        digest: text, sizeBytes: reader.sizeBytes, bytesRead: totals.bytesRead, bytesSkipped: totals.bytesSkipped,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    } catch let error as ConnectorError {
      throw AscendError(
        "disk.unreadable", "The disk cannot be read", object: object, cause: error.message,
        remedy: "Check that its files are there and in order, and take it from another copy if they are not")
    } catch {
      throw AscendError.wrapping(error, as: "disk.unreadable", "The disk cannot be read", object: object)
    }
  }
}
