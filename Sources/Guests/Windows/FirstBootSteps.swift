import Foundation

/// The steps of the first start. Each has a command processor of its own, which it ends with its result: `exit /b` would
/// leave that to what called the script.
enum FirstBootSteps {
  /// The step that puts back what was changed for the first start alone.
  static let last = "9000-restart-after-failure"

  /// Driver packages are handed to Windows, which keeps them with their signatures and uses them for every device of
  /// their kind, today's and later ones. Each is a step: one that Windows refuses, that hangs or that takes the machine
  /// down does not keep the others from it.
  static func drivers(_ packages: [(folder: String, inf: String)]) -> [FirstBoot.Step] {
    packages.enumerated().map { place, package in
      let path = "%SystemRoot%\\Drivers\\Ascend\\\(escaped(package.folder))\\\(escaped(package.inf))"
      return FirstBoot.Step(
        name: "\(2000 + place)-\(GuestPackages.plain(package.folder))", minutes: 10,
        lines: [
          // The devices of a new machine are found while services start; and that this is tried must be on the disk
          // before it is: a driver can take the machine down at once.
          "ping -n \(place == 0 ? 21 : 11) 127.0.0.1 >nul",
          "pnputil -i -a \"\(path)\"",
          "set CODE=%ERRORLEVEL%",
          // 259: no device of its kind is there now.
          "if %CODE%==259 exit 0",
          "exit %CODE%",
        ])
    }
  }

  static func settings(_ settings: [GuestSetting]) -> [FirstBoot.Step] {
    settings.compactMap { setting in
      setting.firstBoot.isEmpty
        ? nil : FirstBoot.Step(name: "3000-\(setting.rawValue)", lines: setting.firstBoot.map(ended))
    }
  }

  private static func ended(_ line: String) -> String { line.contains("||") ? line : line + " || exit 1" }

  /// - Parameter agents: Installers, by their names.
  static func agents(_ agents: [String: [UInt8]]) -> [FirstBoot.Step] {
    agents.keys.sorted().map { name in
      FirstBoot.Step(
        name: "4000-\(GuestPackages.plain((name as NSString).deletingPathExtension))", minutes: 30,
        lines: [
          "msiexec /i \"%SystemRoot%\\Ascend\\files\\\(escaped(name))\" /qn /norestart "
            + "/l*v \"%SystemRoot%\\Ascend\\\(escaped(name)).log\"",
          "set CODE=%ERRORLEVEL%",
          // 1638: it is installed already, in another version.
          "if %CODE%==1638 exit 0",
          "exit %CODE%",
        ], files: [name: agents[name] ?? []])
    }
  }

  /// The operator's own scripts, in their order, after all that was asked for otherwise.
  static func scripts(_ scripts: [UserFiles.File]) -> [FirstBoot.Step] {
    scripts.enumerated().map { place, script in
      let digits = String(place + 1)
      let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      let file = "\(number)-\(script.name)"
      let path = "%SystemRoot%\\Ascend\\files\\\(file)"
      return FirstBoot.Step(
        name: "6000-\(number)-\((script.name as NSString).deletingPathExtension)", minutes: 60,
        lines: [
          file.lowercased().hasSuffix(".ps1") ? powerShell(path) : "call \"\(path)\"", "exit %ERRORLEVEL%",
        ], files: [file: script.bytes])
    }
  }

  /// PowerShell 2.0, that of Windows 7, ends with 0 after an error that nothing has caught when it is given a file.
  private static func powerShell(_ path: String) -> String {
    "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command \"& { $code = 0; "
      + "try { & '\(path)'; if (-not $?) { $code = [int]$LASTEXITCODE } } "
      + "catch { $_ | Out-String; $code = 1 }; [Environment]::Exit($code) }\""
  }

  /// Software of the platform that the machine came from, by its name in the list of installed programs.
  static func removal(_ program: String) -> FirstBoot.Step {
    let name = GuestPackages.plain(program.lowercased().replacing(" ", with: "-"))
    return FirstBoot.Step(
      name: "5000-remove-\(name)", minutes: 30,
      lines: [
        "set RESULT=0",
        "for /f \"delims=\" %%k in ('reg query "
          + "\"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\" /s /f \"\(escaped(program))\" /e /d "
          + "^| findstr /r /c:\"Uninstall.{\"') do call :remove \"%%~nxk\"",
        "exit %RESULT%",
        "",
        ":remove",
        "msiexec /x \"%~1\" /qn /norestart REBOOT=ReallySuppress REMOVE=ALL "
          + "/l*v \"%SystemRoot%\\Ascend\\remove-\(name).log\"",
        "set CODE=%ERRORLEVEL%",
        // 1605: it is not installed any more.
        "if %CODE%==3010 set RESULT=3010",
        "if not %CODE%==0 if not %CODE%==1605 if not %CODE%==3010 set RESULT=%CODE%",
      ])
  }

  /// What preparation changed only for the first start.
  static func crashControl(_ autoReboot: UInt32) -> FirstBoot.Step {
    FirstBoot.Step(
      name: last,
      lines: [
        "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl /v AutoReboot /t REG_DWORD /d \(autoReboot) /f "
          + ">nul || exit 1",
        // Written down for this start alone.
        "reg delete HKLM\\SOFTWARE\\Ascend\\FirstBoot /v AutoReboot /f >nul 2>&1", "exit 0",
      ])
  }

  static func addresses(_ wishes: [AddressWish]) -> FirstBoot.Step? {
    guard !wishes.isEmpty else { return nil }
    return FirstBoot.Step(
      name: "2500-addresses", minutes: 10,
      lines: [
        "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass "
          + "-File \"%SystemRoot%\\Ascend\\files\\addresses.ps1\" || exit 1"
      ],
      files: ["addresses.ps1": Array(AddressWish.script(wishes).utf8)])
  }

  /// A percent sign in a script stands for a variable.
  private static func escaped(_ text: String) -> String { text.replacing("%", with: "%%") }
}
