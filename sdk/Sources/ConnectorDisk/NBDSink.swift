import CNBD
public import ConnectorProtocol
import Synchronization

/// A disk behind an NBD server of the connector's own: `qemu-nbd` over an image of any format.
public final class NBDSink: DiskSink {
  public let uri: String
  public let sizeBytes: Int64

  private static let zeroStep: Int64 = 1 << 30

  private let connections: [NBDConnection]
  private let turn = Atomic<Int>(0)

  /// Connects to the server. Blocks: call it in a `DiskTransfer`, or from a thread of your own.
  ///
  /// - Parameters:
  ///   - connections: How many to write over at once, where the server allows for more than one.
  ///   - through: The checkpoint's: everything behind it is made zeros. Nil for a disk that is new and reads as zeros.
  /// - Throws: `platformUnavailable` where it cannot be reached or is read-only, `staleCheckpoint` where it cannot make
  ///   ranges zeros.
  public init(uri: String, connections: Int = 2, resumingFrom through: Int64? = nil) throws(ConnectorError) {
    self.uri = uri
    let first = try NBDConnection(uri: uri, role: .target)
    guard !first.isReadOnly else {
      throw ConnectorError(
        .platformUnavailable, "The server of \(uri) lets nobody write.", remedy: "Start it without read-only.",
        outcome: .none)
    }
    var all = [first]
    while first.canServeMany, all.count < connections { all.append(try NBDConnection(uri: uri, role: .target)) }
    self.connections = all
    sizeBytes = first.sizeBytes
    if let through { try Self.clear(first, from: through) }
  }

  private static func clear(_ connection: NBDConnection, from start: Int64) throws(ConnectorError) {
    guard connection.canZero else {
      throw ConnectorError(
        .staleCheckpoint, "The server of \(connection.uri) cannot make ranges zeros, so nothing can be taken up again.",
        remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
    }
    var offset = start
    while offset < connection.sizeBytes {
      let length = min(zeroStep, connection.sizeBytes - offset)
      guard nbd_zero(connection.handle, UInt64(length), UInt64(offset), 0) == 0 else {
        throw NBDFault.error("zero \(length) bytes at \(offset) of", connection.uri, .target)
      }
      offset += length
    }
  }

  public func write(_ chunk: DiskChunk) throws {
    let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    // A handle serves one caller at a time: it waits for the lock of libnbd.
    let connection = connections[index % connections.count]
    guard nbd_pwrite(connection.handle, chunk.bytes.baseAddress, chunk.count, UInt64(chunk.offset), 0) == 0 else {
      throw NBDFault.error("write \(chunk.count) bytes at \(chunk.offset) of", uri, .target)
    }
  }

  /// Flushes once: the server promised, by allowing for several connections, that this covers all of them.
  public func flush() throws {
    guard nbd_flush(connections[0].handle, 0) == 0 else { throw NBDFault.error("flush of", uri, .target) }
  }
}
