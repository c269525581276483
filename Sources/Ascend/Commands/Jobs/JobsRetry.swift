import ArgumentParser
import Restore

struct JobsRetry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Go on with a job that failed or was interrupted.",
    discussion: """
      Steps that were completed are not done again, and a transfer goes on from its last checkpoint. A job that was \
      rolled back starts from the beginning.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  func run() async throws {
    let engine = try options.engineWithKeys()
    try await JobDriver(engine: engine, options: options).drive(engine.store.job(job).id)
  }
}
