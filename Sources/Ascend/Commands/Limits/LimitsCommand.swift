import ArgumentParser
import Restore
import Support

struct LimitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits", abstract: "What all jobs of this host may take together.",
    subcommands: [LimitsShow.self, LimitsSet.self], defaultSubcommand: LimitsShow.self)
}

struct LimitsShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "The limits of this host.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try Self.show(try options.openStore().hostLimits(), json: options.json)
  }

  struct Output: Encodable {
    var bytesPerSecond: Int64?
    var jobs: Int?
    var connections: Int?
  }

  static func show(_ limits: HostLimits, json: Bool) throws {
    guard !json else {
      return try Console.json(
        Output(bytesPerSecond: limits.bytesPerSecond, jobs: limits.jobs, connections: limits.connections))
    }
    Console.out("bandwidth    \(LimitText.bandwidth(limits.bytesPerSecond)), shared by the jobs that transfer")
    Console.out("jobs         \(LimitText.count(limits.jobs)), at once")
    Console.out("connections  \(LimitText.count(limits.connections)), of each transfer")
  }
}

struct LimitsSet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change the limits of this host.",
    discussion: """
      Jobs that run follow within two seconds, where their connector keeps to limits. A job that would be one too many \
      waits until another ends or the limit is raised.
      """)

  @OptionGroup var options: GlobalOptions

  @Option(help: "Bytes that all transfers together may read in a second (50MiB), or none.")
  var bandwidth: BandwidthArgument?

  @Option(help: "Jobs that run at once, or none for no limit.")
  var jobs: CountArgument?

  @Option(help: "Connections that each transfer may read over at once, or none for no limit.")
  var connections: CountArgument?

  func validate() throws {
    guard bandwidth != nil || jobs != nil || connections != nil else {
      throw ValidationError("Give at least one of --bandwidth, --jobs and --connections.")
    }
  }

  func run() throws {
    let limits = try options.openStore().updateHostLimits { [bandwidth, jobs, connections] in
      if let bandwidth { $0.bytesPerSecond = bandwidth.bytesPerSecond }
      if let jobs { $0.jobs = jobs.count }
      if let connections { $0.connections = connections.count }
    }
    try LimitsShow.show(limits, json: options.json)
  }
}
