import ArgumentParser
import Restore

struct JobsReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What came of a job: steps, times, bytes, checks and their evidence.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  func run() throws {
    let store = try options.openStore()
    let report = try JobReport(job: store.job(job), store: store)
    if options.json { try Console.json(report) } else { Console.out(report.text) }
  }
}
