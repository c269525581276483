/// Work that is given up after a time.
enum Deadline {
  struct Passed: Error, CustomStringConvertible {
    var after: Duration
    var description: String { "no answer within \(after)" }
  }

  static func within<T: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> T
  ) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { group in
      group.addTask(operation: work)
      group.addTask {
        try await Task.sleep(for: limit)
        throw Passed(after: limit)
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw Passed(after: limit) }
      return value
    }
  }
}
