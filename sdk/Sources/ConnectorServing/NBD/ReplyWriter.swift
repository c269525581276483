import Dispatch
import Foundation
import Synchronization

/// Sends replies on a thread of its own, one after the other, so that a slow client keeps none of the concurrency
/// runtime's few threads.
final class ReplyWriter: Sendable {
  private struct State {
    var waiting: [(message: Data, sent: CheckedContinuation<Bool, Never>)] = []
    var isBroken = false
    var isFinished = false
  }

  private let socket: ClientSocket
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)

  init(_ socket: ClientSocket) {
    self.socket = socket
    let thread = Thread { [self] in loop() }
    thread.name = "disk-replies"
    thread.start()
  }

  /// Sends a message, whole, and returns once it is on its way: whoever makes many holds one at a time in memory.
  ///
  /// - Returns: False where the client is gone.
  func send(_ message: Data) async -> Bool {
    await withCheckedContinuation { continuation in
      let isTaken = state.withLock { state in
        guard !state.isBroken, !state.isFinished else { return false }
        state.waiting.append((message, continuation))
        return true
      }
      if isTaken { wake.signal() } else { continuation.resume(returning: false) }
    }
  }

  /// Nothing more is sent: the client gets what it was sent, and the end.
  func breakOff() {
    state.withLock { $0.isBroken = true }
    socket.hangUp()
    wake.signal()
  }

  /// Ends the thread once everything was sent.
  func finish() {
    state.withLock { $0.isFinished = true }
    wake.signal()
  }

  private func loop() {
    while true {
      let (next, isBroken, isFinished) = state.withLock { state in
        (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isBroken, state.isFinished)
      }
      if let next {
        let isSent = !isBroken && socket.send(next.message)
        if !isSent, !isBroken { breakOff() }
        next.sent.resume(returning: isSent)
      } else if isFinished {
        return
      } else {
        wake.wait()
      }
    }
  }
}
