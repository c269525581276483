/// The command scripts that run the steps of the first start. They keep to what the command processor of Windows 7 has,
/// and to few of its words: no delayed expansion, and no block in parentheses.
///
/// Every text is written with the redirection in front: `echo 3>>file` would take the 3 for the number of a stream.
enum FirstBootScripts {
  static let runnerName = "firstboot.cmd"
  static let stepRunnerName = "run.cmd"
  /// What a step ends with that was stopped: `ERROR_TIMEOUT`.
  static let stopped = 1460

  /// The starts in which every step has had all its attempts, each of them ended by the machine going down.
  static func maxStarts(_ steps: [FirstBoot.Step]) -> Int { FirstBoot.maxAttempts * steps.count + 1 }

  /// Runs the steps in the order of their names. It waits for none of them: what a step ends with is a file that it looks
  /// for once a second, until the step's time is up.
  static func runner(_ steps: [FirstBoot.Step]) -> [String] {
    let steps = steps.sorted { $0.name < $1.name }
    return head(maxStarts(steps)) + steps.map { "call :step \"\($0.name)\" \($0.minutes * 60)" } + end + exhausted
      + step + helpers
  }

  /// Runs one step in a command processor of its own, and writes down what it ends with when it has: under another name
  /// first, so that no half of a number is read. Nothing can be typed in.
  static let stepRunner = [
    "@echo off",
    "setlocal EnableExtensions DisableDelayedExpansion",
    "set \"RESULT=%SystemRoot%\\\(FirstBoot.folder)\\\(FirstBoot.results)\\%~1\"",
    "cmd /d /c call \"%SystemRoot%\\\(FirstBoot.folder)\\steps\\%~1.cmd\" >\"%RESULT%.txt\" 2>&1 <nul",
    "set \"CODE=%ERRORLEVEL%\"",
    ">\"%RESULT%.new\" echo %CODE%",
    "move /y \"%RESULT%.new\" \"%RESULT%.code\" >nul",
    "exit /b 0",
  ]

  private static func head(_ maxStarts: Int) -> [String] {
    [
      "@echo off",
      "rem Runs the steps beside it, each until it has succeeded, with \(FirstBoot.maxAttempts) attempts at most.",
      "setlocal EnableExtensions DisableDelayedExpansion",
      "set \"BASE=%SystemRoot%\\\(FirstBoot.folder)\"",
      "set \"LOG=%BASE%\\\(FirstBoot.log)\"",
      "set \"KEY=HKLM\\SOFTWARE\\Ascend\\FirstBoot\"",
      "set RUNS=0",
      "for /f \"tokens=3\" %%v in ('reg query \"%KEY%\" /v Runs 2^>nul ^| find \"REG_DWORD\"') do set /a RUNS=%%v",
      "set /a RUNS+=1",
      "reg add \"%KEY%\" /v Runs /t REG_DWORD /d %RUNS% /f >nul",
      "for %%d in (\(FirstBoot.attempts) \(FirstBoot.results) done failed) do "
        + "if not exist \"%BASE%\\%%d\" mkdir \"%BASE%\\%%d\"",
      "call :say start %RUNS%",
      "if %RUNS% gtr \(maxStarts) goto exhausted",
      "set RESTART=0",
    ]
  }

  private static let end = [
    "set REST=0",
    "for %%f in (%BASE%\\steps\\*.cmd) do set /a REST+=1",
    "if %REST%==0 goto finished",
    "call :say %REST% steps are tried again at the next start",
    "goto restart",
    ":finished",
    "sc config \(FirstBoot.service) start= disabled >nul",
    "call :say finished",
    ":restart",
    "if %RESTART%==0 exit /b 0",
    "call :say restarting",
    "shutdown /r /t 5 /c \"Drivers of the new platform were installed\" >nul",
    "exit /b 0",
    "",
  ]

  /// Only where the record of attempts did not last: what was changed for the first start alone is put back all the same.
  private static let exhausted = [
    ":exhausted",
    "call :say given up",
    "if exist \"%BASE%\\steps\\\(FirstBootSteps.last).cmd\" "
      + "cmd /d /c call \"%BASE%\\steps\\\(FirstBootSteps.last).cmd\" >nul 2>&1 <nul",
    "move /y \"%BASE%\\steps\\*.cmd\" \"%BASE%\\failed\" >nul 2>&1",
    "sc config \(FirstBoot.service) start= disabled >nul",
    "exit /b 0",
    "",
  ]

  private static let step = [
    ":step",
    "if not exist \"%BASE%\\steps\\%~1.cmd\" exit /b 0",
    "set TRY=1",
    "if exist \"%BASE%\\\(FirstBoot.attempts)\\%~1.1\" set TRY=2",
    "if exist \"%BASE%\\\(FirstBoot.attempts)\\%~1.2\" set TRY=3",
    "if exist \"%BASE%\\\(FirstBoot.attempts)\\%~1.3\" goto givenup",
    ">\"%BASE%\\\(FirstBoot.attempts)\\%~1.%TRY%\" echo %DATE% %TIME%",
    "if not exist \"%BASE%\\\(FirstBoot.attempts)\\%~1.%TRY%\" goto givenup",
    "del /f /q \"%BASE%\\\(FirstBoot.results)\\%~1.*\" >nul 2>&1",
    "call :say %~1: attempt %TRY% of \(FirstBoot.maxAttempts)",
    "set LEFT=%~2",
    "start \"\" /b cmd /d /c call \"%BASE%\\\(stepRunnerName)\" \"%~1\"",
    ":wait",
    "if exist \"%BASE%\\\(FirstBoot.results)\\%~1.code\" goto ended",
    "if %LEFT% leq 0 goto late",
    "set /a LEFT-=1",
    "call :second",
    "goto wait",
    ":late",
    "call :say %~1: has not ended in %~2 seconds, and is stopped",
    // Not waited for either: what it asks may hang as well.
    "start \"\" /b powershell -NoProfile -NonInteractive -Command \"Get-WmiObject Win32_Process | "
      + "Where-Object { $_.Name -eq 'cmd.exe' -and $_.CommandLine -like '*\\\(stepRunnerName)*%~1*' } | "
      + "ForEach-Object { taskkill /f /t /pid $_.ProcessId }\" >nul 2>&1 <nul",
    "for /l %%n in (1,1,15) do call :second",
    "set RESULT=\(stopped)",
    "goto judge",
    ":ended",
    "set RESULT=1",
    "set /p RESULT=<\"%BASE%\\\(FirstBoot.results)\\%~1.code\"",
    ":judge",
    "type \"%BASE%\\\(FirstBoot.results)\\%~1.txt\" >>\"%LOG%\" 2>nul",
    "if \"%RESULT%\"==\"3010\" set RESTART=1",
    "if \"%RESULT%\"==\"3010\" set RESULT=0",
    "if \"%RESULT%\"==\"0\" goto done",
    "call :say %~1: failed with %RESULT%",
    "if not \"%TRY%\"==\"\(FirstBoot.maxAttempts)\" exit /b 0",
    ":givenup",
    "call :say %~1: given up",
    "move /y \"%BASE%\\steps\\%~1.cmd\" \"%BASE%\\failed\" >nul",
    "exit /b 0",
    ":done",
    "call :say %~1: done",
    "move /y \"%BASE%\\steps\\%~1.cmd\" \"%BASE%\\done\" >nul",
    "exit /b 0",
    "",
  ]

  private static let helpers = [
    ":second",
    "ping -n 2 127.0.0.1 >nul 2>&1 || waitfor /t 1 AscendSecond >nul 2>&1",
    "exit /b 0",
    "",
    ":say",
    ">>\"%LOG%\" echo %DATE% %TIME% %*",
    "exit /b 0",
  ]
}
