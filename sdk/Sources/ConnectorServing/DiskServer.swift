public import ConnectorProtocol
import Foundation
import Synchronization

/// Offers a disk to NBD clients on a Unix socket, read-only, as section 12 of `protocol/README.md` asks it of sources:
/// fixed newstyle negotiation, structured replies, `base:allocation`, several connections.
///
/// Memory is bounded by `mostConnections × requestsAtOnce × pieceBytes` and what the disk itself keeps: a long read is
/// answered in pieces, and what reads as zeros is answered without a byte.
public final class DiskServer: Sendable {
  /// What fits into a socket's address.
  public static let longestPath = 107
  /// The most bytes that are read of the disk at once; pieces begin and end at multiples of it.
  public static let pieceBytes = 512 << 10
  public static let mostConnections = 16
  /// Requests of one connection that are answered at the same time.
  static let requestsAtOnce = 16

  public let path: String
  let disk: any ServedDisk
  /// What the export is called; the name that is empty means it too.
  let name: String
  private let told: @Sendable (any Error) -> Void

  private struct State {
    var listener: Int32
    var connections: Set<Int32> = []
    var isStopped = false
  }
  private let state: Mutex<State>

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - path: Absolute, in a folder that only its owner can enter. A socket that is left there is replaced.
  ///   - name: What the export is called beside its empty name.
  ///   - faults: Told what could not be read. The client learns of an I/O error and the message.
  /// - Throws: `sourceUnavailable` where no socket can be made there.
  public init(
    _ disk: any ServedDisk, at path: String, name: String = "disk", faults: @escaping @Sendable (any Error) -> Void
  ) throws(ConnectorError) {
    self.disk = disk
    self.path = path
    self.name = name
    told = faults
    state = Mutex(State(listener: try ListeningSocket.open(path)))
    let thread = Thread { [self] in accept() }
    thread.name = "disk-server"
    thread.start()
  }

  /// Drops every connection and takes no new one. Repeated, it does nothing.
  public func stop() {
    let wasRunning = state.withLock { state in
      guard !state.isStopped else { return false }
      state.isStopped = true
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
      // Ends `accept`, which closes it.
      shutdown(state.listener, Int32(SHUT_RDWR))
      return true
    }
    if wasRunning { unlink(path) }
  }

  func tell(_ error: any Error) { told(error) }

  private func accept() {
    let listener = state.withLock { $0.listener }
    defer { close(listener) }
    while true {
      let descriptor = ListeningSocket.accept(listener)
      guard descriptor >= 0 else {
        if state.withLock({ $0.isStopped }) { return }
        // Out of descriptors, for instance: others may be closed soon.
        Thread.sleep(forTimeInterval: Self.pause)
        continue
      }
      let isWelcome = state.withLock { state in
        guard !state.isStopped, state.connections.count < Self.mostConnections else { return false }
        state.connections.insert(descriptor)
        return true
      }
      guard isWelcome else {
        close(descriptor)
        continue
      }
      let thread = Thread { [self] in
        serve(ClientSocket(descriptor))
        state.withLock { _ = $0.connections.remove(descriptor) }
        close(descriptor)
      }
      thread.name = "disk-client"
      thread.start()
    }
  }

  private static let pause = 0.05

  private func serve(_ socket: ClientSocket) {
    var negotiation = Negotiation(socket: socket, name: name, sizeBytes: disk.sizeBytes)
    guard let agreed = negotiation.run() else { return }
    Transmission(socket: socket, server: self, agreed: agreed).run()
  }
}
