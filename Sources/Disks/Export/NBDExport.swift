import Foundation
import Glibc
import Support

/// A disk offered over NBD on a Unix socket, read-only, for as long as somebody works with it.
public struct NBDExport {
  /// What fits into a socket's address.
  public static let longestSocketPath = 107

  /// Serves `chain` while `body` runs.
  ///
  /// The socket lies in a folder of its owner's alone and only its owner may connect. Block status (`base:allocation`)
  /// tells readers where zeros are. The server ends with the body, with the task, and with this process.
  ///
  /// - Parameters:
  ///   - socket: Where the socket is made; its folder is made if missing.
  ///   - connections: How many clients may be connected at once.
  ///   - body: Gets the export's URI, `nbd+unix:///?socket=…`. When the server dies it is cancelled.
  /// - Throws: `disk.socketPath`, `disk.exportFailed`, and what `body` throws.
  public static func withExport<T: Sendable>(
    of chain: DiskChain, socket: String, connections: Int, body: @escaping @Sendable (String) async throws -> T
  ) async throws -> T {
    try NBDSocket.prepare(socket)
    let readable = try await ReadableChain(chain)
    defer { readable.remove() }
    let tool = try SupervisedTool(
      "qemu-nbd",
      [
        "--read-only", "--persistent", "--shared=\(max(1, connections) + 1)", "--socket=\(socket)", "--export-name=",
        "--cache=writeback", "--aio=threads", readable.chain.blockdevJSON(),
      ])
    defer { unlink(socket) }
    let object = chain.layers.last?.path
    let result: Result<T, any Error>
    do {
      result = .success(
        try await withThrowingTaskGroup(of: T?.self) { group in
          group.addTask {
            let exit = await tool.wait()
            try Task.checkCancellation()
            throw AscendError(
              "disk.exportFailed", "The disk's NBD server ended", object: object,
              cause: QemuMessage.reason(exit.lastErrorLine),
              remedy: "Check that the backup's files are still there, then retry")
          }
          group.addTask {
            try await NBDSocket.awaitGreeting(socket)
            return try await body(NBDSocket.uri(socket))
          }
          defer { group.cancelAll() }
          guard let first = try await group.next(), let value = first else { throw CancellationError() }
          return value
        })
    } catch {
      result = .failure(error)
    }
    tool.end()
    _ = await tool.wait()
    return try result.get()
  }
}
