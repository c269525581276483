import ArgumentParser

struct TargetsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "targets", abstract: "The places to restore to.",
    subcommands: [
      TargetsAdd.self, TargetsList.self, TargetsShow.self, TargetsCheck.self, TargetsInventory.self,
      TargetsRemove.self,
    ])
}
