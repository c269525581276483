import ArgumentParser
import Foundation
import Planning
import Restore
import Support

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "What a restore would do: path, hardware, time, space, blockers. Changes nothing.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var restore: RestoreOptionGroup

  func run() async throws {
    let engine = try options.engine()
    let plan = try await engine.planning.plan(
      backup: engine.store.backup(restore.backup), target: engine.store.target(restore.to),
      options: restore.options()
    ) { if Console.isInteractive { Console.note($0) } }
    try Self.show(plan, json: options.json)
    if plan.isBlocked { throw ExitCode(ExitStatus.blocked) }
  }

  static func show(_ plan: RestorePlan, json: Bool) throws {
    if json { try Console.json(plan) } else { Console.out(PlanText.render(plan)) }
  }
}
