import ArgumentParser

struct ConnectorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connectors", abstract: "The connectors that are installed.",
    subcommands: [ConnectorsList.self, ConnectorsShow.self, ConnectorsVerify.self])
}
