public import ArgumentParser
import Foundation
public import Guests
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

  @Option(
    help: """
      How drivers reach a Linux guest's initramfs: append (an archive with them is added; no program of the guest runs), \
      or rebuild (its own tool makes it anew, in minutes; appended where that cannot be).
      """)
  var initramfs: InitramfsMethod = .append

  @Flag(
    help: "Remove other platforms' agents from a Linux guest with its package manager; else they are switched off.")
  var removeAgents = false

  /// The job may run in another folder than the one it was asked for in.
  func apply(to options: inout RestoreOptions) {
    func absolute(_ paths: [String]) -> [String]? {
      paths.isEmpty ? nil : paths.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    }
    options.runScripts = absolute(runScript)
    options.firstBootScripts = absolute(firstbootScript)
    options.packages = absolute(agentPackage)
    options.initramfs = initramfs == .append ? nil : initramfs
    options.removesAgents = removeAgents ? true : nil
  }
}

extension InitramfsMethod: ExpressibleByArgument {}
