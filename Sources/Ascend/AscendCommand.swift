import ArgumentParser

/// The root of the command line.
struct AscendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ascend",
    abstract: "Restore a virtual-machine backup on any platform, whatever platform it was taken on.",
    discussion: """
      A restore in four commands:
        ascend backups add machine.ova
        ascend targets add here --platform qemu
        ascend plan machine --to here
        ascend restore machine --to here

      Exit codes: 0 success, 1 a failed restore or check, 2 wrong usage, 3 a plan that is blocked, 130 cancelled.
      """,
    version: Version.current,
    subcommands: [
      BackupsCommand.self, ConnectorsCommand.self, TargetsCommand.self, PlanCommand.self, RestoreCommand.self,
      BootCheckCommand.self, RulesCommand.self, JobsCommand.self, LimitsCommand.self, DemoCommand.self,
    ])
}

enum Version {
  static let current = "0.1.0"
}
