/// What must run inside Windows at its first start: scripts in a folder that only administrators may write to, and a
/// service that runs them.
///
/// Each step is a script of its own, with a time limit. An attempt is on record before it starts, so that a step that
/// takes the machine down with it is given up after three attempts as one that fails is, and those after it get their
/// turn: nothing is tried without end, and nothing restarts the machine but a step that asks for it, once. What happened
/// is in `firstboot.log`.
struct FirstBoot: Sendable, Hashable {
  static let service = "AscendFirstBoot"
  static let folder = "Ascend"
  static let log = "firstboot.log"
  /// Below the folder: which attempts have begun, and what steps printed and ended with.
  static let attempts = "attempts"
  static let results = "results"
  static let maxAttempts = 3

  struct Step: Sendable, Hashable {
    /// `2000-viostor`: they run in the order of their names, which hold nothing that a command line takes for more.
    var name: String
    /// After which it is stopped, and counts as failed.
    var minutes = 5
    var lines: [String]
    /// Other files beside the steps, by their names.
    var files: [String: [UInt8]] = [:]
  }

  var steps: [Step]

  var isEmpty: Bool { steps.isEmpty }

  /// The files by their paths below `%SystemRoot%`.
  var files: [String: [UInt8]] {
    guard !isEmpty else { return [:] }
    var files = [
      "\(Self.folder)/\(FirstBootScripts.runnerName)": Self.text(FirstBootScripts.runner(steps)),
      "\(Self.folder)/\(FirstBootScripts.stepRunnerName)": Self.text(FirstBootScripts.stepRunner),
    ]
    for step in steps {
      files["\(Self.folder)/steps/\(step.name).cmd"] = Self.text(["@echo off"] + step.lines + ["exit /b 0"])
      for (name, content) in step.files { files["\(Self.folder)/files/\(name)"] = content }
    }
    return files
  }

  /// The service that runs them. It is a plain command processor: Windows finds that it does not answer as a service
  /// does, says so in its event log, and leaves running what it started.
  func edits(controlSets: [String]) -> RegistryEdits {
    guard !isEmpty else { return RegistryEdits() }
    let shell = "%SystemRoot%\\System32\\cmd.exe"
    let runner = "%SystemRoot%\\\(Self.folder)\\\(FirstBootScripts.runnerName)"
    let command = "\(shell) /d /c start \"\" /b \(shell) /d /c \(runner)"
    let system = controlSets.flatMap { set -> [RegistryEdit] in
      let key = [set, "Services", Self.service]
      return [
        .set(key, "Type", .dword(0x10)), .set(key, "Start", .dword(2)), .set(key, "ErrorControl", .dword(0)),
        .set(key, "ImagePath", .expandString(command)), .set(key, "ObjectName", .string("LocalSystem")),
        .set(key, "DisplayName", .string("Ascend: first start on a new platform")),
        // Without these two no Windows runs. WMI may be switched off, and is started by who asks for it.
        .set(key, "DependOnService", .multiString(["RpcSs", "PlugPlay"])),
      ]
    }
    return RegistryEdits(system: system, software: [.set(["Ascend", "FirstBoot"], "Runs", .dword(0))])
  }

  private static func text(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n").utf8) }
}
