import ArgumentParser
import Restore
import Support

struct JobsLimit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limit", abstract: "Show or change what a job's transfers may take, while they run too.",
    discussion: "A job that runs follows within two seconds, where its connector keeps to limits.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  @Option(help: "Bytes that its transfers may read in a second (50MiB), or none for no limit.")
  var bandwidth: BandwidthArgument?

  @Option(help: "Connections that each transfer may read over at once, or none for no limit.")
  var connections: CountArgument?

  func run() throws {
    let store = try options.openStore()
    var job = try store.job(job)
    if bandwidth != nil || connections != nil {
      guard !job.status.isFinal else {
        throw AscendError(
          "job.done", "The job has ended already", object: job.id, cause: "it is \(job.status.rawValue)",
          remedy: "Limits of the whole host are set with `ascend limits set`")
      }
      job = try store.updateJob(job.id) { [bandwidth, connections] in
        if let bandwidth { $0.bandwidthLimit = bandwidth.bytesPerSecond }
        if let connections { $0.connectionLimit = connections.count }
      }
    }
    guard !options.json else {
      return try Console.json(JobLimits(bytesPerSecond: job.bandwidthLimit, connections: job.connectionLimit))
    }
    Console.out("bandwidth    \(LimitText.bandwidth(job.bandwidthLimit))")
    Console.out("connections  \(LimitText.count(job.connectionLimit))")
  }
}
