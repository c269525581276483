import ArgumentParser

/// What Benchmarks/run measures of the host's and the SDK's own work on disks, each by itself in a process of its own.
@main
struct Program: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disk-bench", abstract: "Parts of Ascend by themselves, for Benchmarks/run",
    subcommands: [ReadCommand.self, EncodeCommand.self, ConvertCommand.self])
}
