import ArgumentParser
import Foundation
import Restore
import Support

struct JobsWatch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a job that another process drives, until it ends.",
    discussion: "Exits 0 when the job is completed, 1 when it failed, 130 when it was cancelled.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  func run() async throws {
    let engine = try options.engine()
    let id = try engine.store.job(job).id
    let line = ProgressLine(verbose: options.verbose)
    var seen: Int64 = 0
    while true {
      let job = try engine.store.job(id)
      for event in try engine.store.events(of: id, after: seen) {
        seen = event.id ?? seen
        line.event(event.level, event.kind, event.message)
      }
      if job.status.isFinal || engine.isInterrupted(job) {
        line.finish()
        return try end(job, engine)
      }
      if let step = try engine.store.steps(of: id).first(where: { $0.status == .running }) {
        line.progress(
          JobProgress(
            step: step.stepName, percent: job.progressPercent, bytesDone: job.bytesDone, bytesTotal: job.bytesTotal,
            secondsLeft: job.estimatedCompletion.map { max(0, $0.timeIntervalSinceNow) }))
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  private func end(_ job: RestoreJob, _ engine: RestoreEngine) throws {
    let report = try JobReport(job: job, store: engine.store)
    if options.json { try Console.json(report) } else { Console.out(report.text) }
    switch job.status {
    case .completed: return
    case .cancelled, .rolledBack: throw ExitCode(ExitStatus.cancelled)
    default:
      if !job.status.isFinal {
        Console.note("The process that drove it is gone; go on with `ascend jobs retry \(job.id)`")
      }
      throw ExitCode(ExitStatus.failed)
    }
  }
}
