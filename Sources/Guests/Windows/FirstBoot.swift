/// What must run inside Windows at its first start: scripts in a folder that only administrators may write to, and a
/// service that runs them.
///
/// Each step is a script of its own. One that succeeds is done; one that fails is tried again at the next starts, and
/// after the third it is given up: nothing is tried without end, and nothing restarts the machine but a step that asks
/// for it, once. What happened is in `firstboot.log`.
struct FirstBoot: Sendable, Hashable {
  static let service = "AscendFirstBoot"
  static let folder = "Ascend"
  static let log = "firstboot.log"
  static let maxRuns = 3

  struct Step: Sendable, Hashable {
    /// `2000-drivers`: they run in the order of their names.
    var name: String
    var lines: [String]
    /// Other files beside the steps, by their names.
    var files: [String: [UInt8]] = [:]
  }

  var steps: [Step]

  var isEmpty: Bool { steps.isEmpty }

  /// The files by their paths below `%SystemRoot%`.
  var files: [String: [UInt8]] {
    guard !isEmpty else { return [:] }
    var files = ["\(Self.folder)/firstboot.cmd": Self.text(Self.runner)]
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
    let command = "\(shell) /d /c start \"\" /b \(shell) /d /c %SystemRoot%\\\(Self.folder)\\firstboot.cmd"
    let system = controlSets.flatMap { set -> [RegistryEdit] in
      let key = [set, "Services", Self.service]
      return [
        .set(key, "Type", .dword(0x10)), .set(key, "Start", .dword(2)), .set(key, "ErrorControl", .dword(0)),
        .set(key, "ImagePath", .expandString(command)), .set(key, "ObjectName", .string("LocalSystem")),
        .set(key, "DisplayName", .string("Ascend: first start on a new platform")),
      ]
    }
    return RegistryEdits(system: system, software: [.set(["Ascend", "FirstBoot"], "Runs", .dword(0))])
  }

  private static func text(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n").utf8) }

  private static let runner = [
    "@echo off",
    "rem Runs the steps beside it, each until it has succeeded, \(maxRuns) starts at most.",
    "setlocal EnableExtensions EnableDelayedExpansion",
    "set \"BASE=%SystemRoot%\\\(folder)\"",
    "set \"LOG=%BASE%\\\(log)\"",
    "set \"KEY=HKLM\\SOFTWARE\\Ascend\\FirstBoot\"",
    "set RUNS=0",
    "for /f \"tokens=3\" %%v in ('reg query \"%KEY%\" /v Runs 2^>nul ^| find \"REG_DWORD\"') do set /a RUNS=%%v",
    "set /a RUNS+=1",
    "reg add \"%KEY%\" /v Runs /t REG_DWORD /d !RUNS! /f >nul",
    "if not exist \"%BASE%\\done\" mkdir \"%BASE%\\done\"",
    "if not exist \"%BASE%\\failed\" mkdir \"%BASE%\\failed\"",
    "call :say start !RUNS! of \(maxRuns)",
    "set RESTART=0",
    "for /f \"delims=\" %%s in ('dir /b /on \"%BASE%\\steps\\*.cmd\" 2^>nul') do call :step \"%%s\"",
    "set REST=0",
    "for /f \"delims=\" %%s in ('dir /b \"%BASE%\\steps\\*.cmd\" 2^>nul') do set /a REST+=1",
    "if !RUNS! geq \(maxRuns) if not !REST!==0 (",
    "  call :say given up, !REST! steps failed every time",
    "  move /y \"%BASE%\\steps\\*.cmd\" \"%BASE%\\failed\" >nul",
    "  set REST=0",
    ")",
    "if !REST!==0 (",
    "  sc config \(service) start= disabled >nul",
    "  call :say finished",
    ") else (",
    "  call :say !REST! steps are tried again at the next start",
    ")",
    "if !RESTART!==1 (",
    "  call :say restarting",
    "  shutdown /r /t 5 /c \"Drivers of the new platform were installed\" >nul",
    ")",
    "exit /b 0",
    "",
    ":step",
    "call :say %~n1",
    "cmd /d /c \"%BASE%\\steps\\%~1\" >>\"%LOG%\" 2>&1",
    "set RESULT=!ERRORLEVEL!",
    "if !RESULT!==3010 set RESTART=1",
    "if !RESULT!==3010 set RESULT=0",
    "if !RESULT!==0 (",
    "  move /y \"%BASE%\\steps\\%~1\" \"%BASE%\\done\" >nul",
    "  call :say %~n1: done",
    ") else (",
    "  call :say %~n1: failed with !RESULT!",
    ")",
    "exit /b 0",
    "",
    ":say",
    "echo %DATE% %TIME% %*>>\"%LOG%\"",
    "exit /b 0",
  ]
}
