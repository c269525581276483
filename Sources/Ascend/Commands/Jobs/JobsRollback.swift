import ArgumentParser
import Restore

struct JobsRollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Remove what a job that is not completed made on the target.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  func run() async throws {
    let engine = try options.engine()
    let ended = try await engine.rollback(
      engine.store.job(job).id, observer: ProgressLine(verbose: options.verbose))
    if options.json { try Console.json(ended) } else { Console.note("Job \(ended.id) is rolled back") }
  }
}
