import CNBD
import ConnectorProtocol
import Foundation
import Synchronization

/// One connection to an NBD server.
///
/// `@unchecked Sendable`: a libnbd handle has a lock of its own, and it is set once.
final class NBDConnection: @unchecked Sendable {
  private static let allocation = "base:allocation"
  /// How long a wait for the server goes on before it looks whether the task was cancelled.
  private static let pollMilliseconds: Int32 = 200

  let handle: OpaquePointer
  let uri: String
  /// Answers that nobody waits for any more may still arrive: their memory lives as long as the connection.
  private let buffers = Mutex<[AlignedBuffer]>([])

  init(uri: String, role: NBDFault.Role) throws(ConnectorError) {
    guard let handle = nbd_create() else { throw NBDFault.error("connect to", uri, role) }
    self.handle = handle
    self.uri = uri
    // Buffers are filled before they are looked at: zeroing them first is work for nothing.
    nbd_set_pread_initialize(handle, false)
    nbd_set_uri_allow_local_file(handle, false)
    guard nbd_add_meta_context(handle, Self.allocation) == 0, nbd_connect_uri(handle, uri) == 0 else {
      // The handle is closed by `deinit`, which runs for an object all of whose members are set.
      throw NBDFault.error("connect to", uri, role)
    }
  }

  /// Connects to a source that may be starting, as one does that has been lost: tries for about three seconds.
  static func connectPatiently(_ uri: String) throws -> NBDConnection {
    for _ in 1..<connectAttempts {
      if let connection = try? NBDConnection(uri: uri, role: .source) { return connection }
      try Task.checkCancellation()
      Thread.sleep(forTimeInterval: connectPause)
    }
    return try NBDConnection(uri: uri, role: .source)
  }

  private static let connectAttempts = 30
  private static let connectPause = 0.1

  deinit {
    // Its farewell waits for what is underway: with a server that answers no more, for ever.
    if nbd_aio_is_ready(handle) == 1, nbd_aio_in_flight(handle) == 0 { nbd_shutdown(handle, 0) }
    nbd_close(handle)
  }

  var sizeBytes: Int64 { nbd_get_size(handle) }
  var canServeMany: Bool { nbd_can_multi_conn(handle) == 1 }
  var isReadOnly: Bool { nbd_is_read_only(handle) != 0 }
  var canZero: Bool { nbd_can_zero(handle) == 1 }

  /// The memory that requests of this connection use from now on. None must be underway.
  func adopt(_ buffers: [AlignedBuffer]) {
    self.buffers.withLock { $0 = buffers }
  }

  // MARK: Reading

  /// Sends a read request; its cookie. `buffer` is one that was adopted.
  func startRead(_ buffer: AlignedBuffer, count: Int, offset: Int64) throws(ConnectorError) -> Int64 {
    let cookie = nbd_aio_pread(
      handle, buffer.bytes.baseAddress, count, UInt64(offset), nbd_completion_callback(), 0)
    guard cookie >= 0 else { throw NBDFault.error("read at byte \(offset) of", uri, .source) }
    return cookie
  }

  /// Waits for a request that was sent; throws `CancellationError` when the task is cancelled first.
  func finish(_ cookie: Int64, offset: Int64) throws {
    while true {
      switch nbd_aio_command_completed(handle, UInt64(cookie)) {
      case 1: return
      case 0: break
      default: throw NBDFault.error("read at byte \(offset) of", uri, .source)
      }
      try Task.checkCancellation()
      guard nbd_poll(handle, Self.pollMilliseconds) >= 0 else {
        throw NBDFault.error("read at byte \(offset) of", uri, .source)
      }
    }
  }

  // MARK: Extents

  /// The extents of one window, from `offset` on: at least one, at most to the window's end.
  func extents(from offset: Int64, length: Int64) throws -> [DiskExtent] {
    guard nbd_can_meta_context(handle, Self.allocation) == 1 else {
      return [DiskExtent(offset: offset, length: length, allocated: true)]
    }
    let box = ExtentBox()
    let user = Unmanaged.passUnretained(box).toOpaque()
    let callback = nbd_extent_callback(
      callback: { user, context, offset, entries, count, _ in
        guard let user, let context, let entries, String(cString: context) == NBDConnection.allocation else { return 0 }
        let box = Unmanaged<ExtentBox>.fromOpaque(user).takeUnretainedValue()
        box.add(UnsafeBufferPointer(start: entries, count: count), from: Int64(offset))
        return 0
      }, user_data: user, free: nil)
    let status = withExtendedLifetime(box) {
      nbd_block_status(handle, UInt64(length), UInt64(offset), callback, 0)
    }
    guard status == 0 else { throw NBDFault.error("ask for the extents at byte \(offset) of", uri, .source) }
    let clipped = box.extents.compactMap { extent -> DiskExtent? in
      let end = min(extent.end, offset + length)
      guard extent.offset < end else { return nil }
      return DiskExtent(offset: extent.offset, length: end - extent.offset, allocated: extent.allocated)
    }
    guard !clipped.isEmpty else {
      throw ConnectorError(
        .sourceUnavailable, "The server of \(uri) gave no extents at byte \(offset).",
        remedy: "Export the disk again.", outcome: .unknown)
    }
    return clipped
  }
}

private final class ExtentBox {
  private(set) var extents: [DiskExtent] = []

  func add(_ entries: UnsafeBufferPointer<UInt32>, from offset: Int64) {
    var offset = offset
    for index in stride(from: 0, to: entries.count - 1, by: 2) {
      let length = Int64(entries[index])
      // A hole that is not said to read as zeros may hold anything: it is read.
      let zero = entries[index + 1] & UInt32(LIBNBD_STATE_ZERO) != 0
      extents.append(DiskExtent(offset: offset, length: length, allocated: !zero))
      offset += length
    }
  }
}
