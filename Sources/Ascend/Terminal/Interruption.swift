import Dispatch
import Foundation
import Support

/// Ctrl-C and a polite kill cancel the work; a second one ends the program at once.
enum Interruption {
  static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let work = Task { try await body() }
    let sources = [SIGINT, SIGTERM].map { number in
      // The default action must go, or the process is gone before the source hears of it.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler {
        if work.isCancelled { _exit(ExitStatus.cancelled) }
        Console.note("Cancelling; once more to leave at once")
        work.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    do {
      try await work.value
    } catch is CancellationError {
      throw AscendError("cancelled", "Cancelled")
    }
  }
}
