import Dispatch

/// Runs code that waits (for a child, a socket, a disk) off the cooperative threads, which must never be blocked.
public enum Blocking {
  public static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try body() })
      }
    }
  }
}
