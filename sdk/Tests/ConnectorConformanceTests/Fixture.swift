import ConnectorConformance
import ConnectorProtocol
import Foundation

/// The reference connector of `Tests/Fixtures/rogue-connector`, and the kit set up to run it.
enum Fixture {
  /// The root of the whole project.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let rogue = root.appendingPathComponent("Tests/Fixtures/rogue-connector/rogue").path

  /// - Parameter operation: The time limit of an operation, in seconds, for a fault that shows as silence there.
  static func kit(fault: String? = nil, groups: Set<String>? = nil, operation: Double = 120) -> ConformanceKit {
    // Many run at once on a machine that may be busy: the reference gets all the time it needs, a fault that shows as
    // silence in an answer little.
    let patience =
      fault == nil
      ? ConformanceOptions.Patience(answer: 60, operation: 300, cancel: 30, exit: 30)
      : ConformanceOptions.Patience(answer: 20, operation: operation, cancel: 6, exit: 6)
    let options = ConformanceOptions(
      secrets: ["/password": "s3cret-of-the-folder"], diskSizeBytes: 12 << 20, groups: groups, patience: patience)
    return ConformanceKit(executable: rogue, arguments: fault.map { ["--fault", $0] } ?? [], options: options)
  }
}

/// Lets a few runs of the kit go on at once: each is several processes, which mostly wait.
actor Gate {
  static let shared = Gate(places: 6)

  private var places: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) { self.places = places }

  private func enter() async {
    if places > 0 {
      places -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
  }

  nonisolated func pass<T: Sendable>(_ body: () async throws -> T) async rethrows -> T {
    await enter()
    do {
      let result = try await body()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }
}
