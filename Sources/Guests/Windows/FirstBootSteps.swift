import Foundation

/// The steps of the first start.
enum FirstBootSteps {
  /// Driver packages are handed to Windows, which keeps them with their signatures and uses them for every device of
  /// their kind, today's and later ones. One that Windows refuses does not keep the others from it.
  static func drivers(_ packages: [(folder: String, inf: String)]) -> FirstBoot.Step? {
    guard !packages.isEmpty else { return nil }
    // The devices of a new machine are found while services start.
    var lines = ["set RESULT=0", "ping -n 20 127.0.0.1 >nul"]
    for package in packages {
      let path = "%SystemRoot%\\Drivers\\Ascend\\\(package.folder)\\\(escaped(package.inf))"
      lines += [
        "pnputil -i -a \"\(path)\"",
        "set CODE=%ERRORLEVEL%",
        // 259: no device of its kind is there now.
        "if not %CODE%==0 if not %CODE%==259 if not %CODE%==3010 echo pnputil failed with %CODE% & set RESULT=1",
        "if %CODE%==3010 if %RESULT%==0 set RESULT=3010",
      ]
    }
    return FirstBoot.Step(name: "2000-drivers", lines: lines + ["exit /b %RESULT%"])
  }

  static func settings(_ settings: [GuestSetting]) -> [FirstBoot.Step] {
    settings.compactMap { setting in
      setting.firstBoot.isEmpty
        ? nil : FirstBoot.Step(name: "3000-\(setting.rawValue)", lines: setting.firstBoot.map(ended))
    }
  }

  private static func ended(_ line: String) -> String { line.contains("||") ? line : line + " || exit /b 1" }

  /// - Parameter agents: Installers, by their names.
  static func agents(_ agents: [String: [UInt8]]) -> [FirstBoot.Step] {
    agents.keys.sorted().map { name in
      FirstBoot.Step(
        name: "4000-\(GuestPackages.plain((name as NSString).deletingPathExtension))",
        lines: [
          "msiexec /i \"%SystemRoot%\\Ascend\\files\\\(escaped(name))\" /qn /norestart "
            + "/l*v \"%SystemRoot%\\Ascend\\\(escaped(name)).log\"",
          "set CODE=%ERRORLEVEL%",
          // 1638: it is installed already, in another version.
          "if %CODE%==1638 exit /b 0",
          "exit /b %CODE%",
        ], files: [name: agents[name] ?? []])
    }
  }

  /// The operator's own scripts, in their order, after all that was asked for otherwise.
  static func scripts(_ scripts: [UserFiles.File]) -> [FirstBoot.Step] {
    scripts.enumerated().map { place, script in
      let digits = String(place + 1)
      let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      let file = "\(number)-\(script.name)"
      let path = "\"%SystemRoot%\\Ascend\\files\\\(file)\""
      let line =
        file.lowercased().hasSuffix(".ps1")
        ? "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File \(path)" : "call \(path)"
      return FirstBoot.Step(
        name: "6000-\(number)-\((script.name as NSString).deletingPathExtension)",
        lines: [line, "exit /b %ERRORLEVEL%"], files: [file: script.bytes])
    }
  }

  /// Software of the platform that the machine came from, by its name in the list of installed programs.
  static func removal(_ program: String) -> FirstBoot.Step {
    let name = program.lowercased().replacing(" ", with: "-")
    return FirstBoot.Step(
      name: "5000-remove-\(name)",
      lines: [
        "set RESULT=0",
        "for /f \"delims=\" %%k in ('reg query "
          + "\"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\" /s /f \"\(escaped(program))\" /e /d "
          + "^| findstr /r /c:\"Uninstall.{\"') do call :remove \"%%~nxk\"",
        "exit /b %RESULT%",
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
      name: "9000-restart-after-failure",
      lines: [
        "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl /v AutoReboot /t REG_DWORD /d \(autoReboot) /f "
          + ">nul || exit /b 1",
        // Written down for this start alone.
        "reg delete HKLM\\SOFTWARE\\Ascend\\FirstBoot /v AutoReboot /f >nul 2>&1", "exit /b 0",
      ])
  }

  static func addresses(_ wishes: [AddressWish]) -> FirstBoot.Step? {
    guard !wishes.isEmpty else { return nil }
    return FirstBoot.Step(
      name: "2500-addresses",
      lines: [
        "powershell -NoProfile -ExecutionPolicy Bypass -File \"%SystemRoot%\\Ascend\\files\\addresses.ps1\" "
          + "|| exit /b 1"
      ],
      files: ["addresses.ps1": Array(AddressWish.script(wishes).utf8)])
  }

  /// A percent sign in a script stands for a variable.
  private static func escaped(_ text: String) -> String { text.replacing("%", with: "%%") }
}
