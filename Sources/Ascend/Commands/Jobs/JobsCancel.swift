import ArgumentParser
import Restore
import Support

struct JobsCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "End a job; what it made is rolled back.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  func run() async throws {
    let engine = try options.engine()
    let job = try engine.store.job(job)
    let ended = try await engine.cancel(job, observer: ProgressLine(verbose: options.verbose))
    if options.json { try Console.json(ended) } else { Console.note("Job \(ended.id) is \(ended.status.rawValue)") }
  }
}
