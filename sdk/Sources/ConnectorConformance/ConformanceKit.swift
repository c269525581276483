import ConnectorProtocol
import Foundation

/// Puts a connector, in whatever language it is written, through the rules of `protocol/README.md`.
///
/// The kit plays the host: it starts the executable anew for each trial, speaks the protocol with it, restores a small
/// test disk to the connector's own platform, interrupts and repeats that in every way the protocol names, and takes
/// everything away again. Each wait has a limit, so a connector that hangs fails the rule at hand and never the kit.
public struct ConformanceKit: Sendable {
  private let executable: String
  private let arguments: [String]
  private let options: ConformanceOptions

  /// - Parameter arguments: Put before those of the protocol, for a connector that an interpreter runs.
  public init(executable: String, arguments: [String] = [], options: ConformanceOptions = ConformanceOptions()) {
    self.executable = executable
    self.arguments = arguments
    self.options = options
  }

  /// Runs the rules and hands each result to `report`, on a thread of the kit's own, as soon as it is known.
  ///
  /// Cancelling the task ends the connector's processes and skips the rules that remain.
  public func run(report: @escaping @Sendable (RuleResult) -> Void = { _ in }) async -> ConformanceReport {
    let bench = Bench(executable: executable, arguments: arguments, options: options, report: report)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: bench.perform()) }
      }
    } onCancel: {
      bench.cancel()
    }
  }
}
