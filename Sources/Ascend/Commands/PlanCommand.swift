import ArgumentParser
import Foundation
import Planning
import Restore
import Support

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "What a restore would do: path, hardware, time, space, blockers. Changes nothing.",
    discussion: """
      With --all-targets, where the backup could be restored: on every configured target and every platform whose \
      connector is installed, judged by what the connectors declare, without reaching any of them.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var restore: RestoreOptionGroup

  @Option(help: "The target's name.")
  var to: String?

  @Flag(help: "Compare all targets and platforms.")
  var allTargets = false

  func validate() throws {
    guard allTargets == (to == nil) else {
      throw ValidationError(allTargets ? "--to and --all-targets exclude each other" : "Name a target with --to")
    }
  }

  func run() async throws {
    let engine = try options.engineWithKeys()
    let backup = try engine.store.backup(restore.backup)
    let wish = try restore.options(options)
    let notice: @Sendable (String) -> Void = { if Console.isInteractive { Console.note($0) } }
    guard let to else {
      let matrix = try await engine.planning.matrix(of: backup, options: wish, notice: notice)
      if options.json { try Console.json(matrix) } else { Console.out(matrix.text) }
      if matrix.rows.allSatisfy({ $0.verdict == .blocked }) { throw ExitCode(ExitStatus.blocked) }
      return
    }
    let plan = try await engine.planning.plan(
      backup: backup, target: engine.store.target(to), options: wish, notice: notice)
    try Self.show(plan, json: options.json)
    if plan.isBlocked { throw ExitCode(ExitStatus.blocked) }
  }

  static func show(_ plan: RestorePlan, json: Bool) throws {
    if json { try Console.json(plan) } else { Console.out(PlanText.render(plan)) }
  }
}
