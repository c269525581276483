import ArgumentParser
import Restore
import Support

struct JobsList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "All jobs, oldest first.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let engine = try options.engine()
    let jobs = try engine.store.jobs()
    guard !options.json else { return try Console.json(jobs) }
    var table = Table(["id", "machine", "from", "to", "status", "progress", "created"])
    for job in jobs {
      let status = engine.isInterrupted(job) ? "interrupted" : job.status.rawValue
      table.add([
        job.id, job.targetVMName ?? "", job.sourcePlatform, job.targetPlatform, status,
        "\(Int(job.progressPercent)) %", Timestamp.text(job.createdAt),
      ])
    }
    Console.out(table.text)
  }
}
