import ConnectorConformance
import ConnectorProtocol
import Foundation

/// The reference connector of `Tests/Fixtures/rogue-connector`, and the kit set up to run it.
enum Fixture {
  /// The root of the whole project.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let rogue = root.appendingPathComponent("Tests/Fixtures/rogue-connector/rogue").path

  static func kit(fault: String? = nil, groups: Set<String>? = nil) -> ConformanceKit {
    // A fault may show as silence, so a run with one is less patient.
    let patience =
      fault == nil
      ? ConformanceOptions.Patience()
      : ConformanceOptions.Patience(answer: 4, operation: 12, cancel: 2, exit: 3)
    let options = ConformanceOptions(
      secrets: ["/password": "s3cret-of-the-folder"], diskSizeBytes: 12 << 20, groups: groups, patience: patience)
    return ConformanceKit(executable: rogue, arguments: fault.map { ["--fault", $0] } ?? [], options: options)
  }
}

/// Lets a few runs of the kit go on at once: each is several processes, which mostly wait.
actor Gate {
  static let shared = Gate(places: 5)

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
