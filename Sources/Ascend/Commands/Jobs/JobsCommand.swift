import ArgumentParser

struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "The restores that were, are, or could not be done.",
    subcommands: [
      JobsList.self, JobsShow.self, JobsWatch.self, JobsCancel.self, JobsRetry.self, JobsRollback.self,
      JobsReport.self, JobsLimit.self, JobsPromote.self,
    ])
}
