import ArgumentParser
import Foundation
import Restore

/// What the operator wants done in a Linux guest.
struct GuestOptionGroup: ParsableArguments {
  @Option(
    help: "A script to run in a Linux guest's system before it moves, without a network. May be repeated.",
    completion: .file())
  var runScript: [String] = []

  @Option(help: "A script that a Linux guest runs at its first start. May be repeated.", completion: .file())
  var firstbootScript: [String] = []

  @Option(
    help: "A package, in a Linux guest's own format, that it installs at its first start. May be repeated.",
    completion: .file())
  var agentPackage: [String] = []

  /// The job may run in another folder than the one it was asked for in.
  func apply(to options: inout RestoreOptions) {
    func absolute(_ paths: [String]) -> [String]? {
      paths.isEmpty ? nil : paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    }
    options.runScripts = absolute(runScript)
    options.firstBootScripts = absolute(firstbootScript)
    options.packages = absolute(agentPackage)
  }
}
