import Testing

@testable import Guests

/// The scripts of the first start, run by an interpreter of the words that they use.
@Suite("The first start of Windows, as it goes")
struct FirstBootRunTests {
  private let names = ["2000-nic", "2001-disk", "2500-addresses", "6000-001-own", FirstBootSteps.last]

  private func machine() -> (FirstBoot, CommandScript) {
    let boot = FirstBoot(steps: names.map { FirstBoot.Step(name: $0, minutes: 2, lines: ["anything"]) })
    return (boot, CommandScript(boot))
  }

  @Test("every step is run once, in order, and then nothing more")
  func succeeds() throws {
    let (_, machine) = machine()
    #expect(try machine.start())
    #expect(machine.begun == names && machine.names("done") == names)
    #expect(machine.names("steps") == [] && machine.names("failed") == [])
    #expect(machine.isDisabled && machine.restarts == 0 && machine.runs == 1)
    #expect(machine.log.contains("today now start 1\n"))
    #expect(machine.log.contains("today now 2000-nic: attempt 1 of 3\nthe words of 2000-nic\n"))
    #expect(machine.log.hasSuffix("finished\n"))
  }

  @Test("a driver that takes the machine down is tried three times, and the rest gets its turn")
  func crashes() throws {
    let (_, machine) = machine()
    machine.behaviours["2000-nic"] = .crashes
    for start in 1...3 {
      #expect(try !machine.start())
      // That it is tried is on record before it is.
      #expect(machine.attemptsAtBegin.last?.count == start)
      #expect(machine.begun.count == start && !machine.isDisabled)
    }
    #expect(try machine.start())
    #expect(machine.begun == ["2000-nic", "2000-nic", "2000-nic"] + names.dropFirst())
    #expect(machine.names("failed") == ["2000-nic"])
    #expect(machine.names("done") == Array(names.dropFirst()))
    #expect(machine.isDisabled)
  }

  @Test("whatever takes the machine down, and however often, it ends")
  func allCrash() throws {
    let (boot, machine) = machine()
    for name in names { machine.behaviours[name] = .crashes }
    var starts = 1
    while try !machine.start(), starts < 100 { starts += 1 }
    #expect(starts == FirstBootScripts.maxStarts(boot.steps) && machine.isDisabled)
    #expect(machine.begun.count == 3 * names.count && machine.names("failed") == names)
  }

  @Test("a step that hangs is stopped when its time is up, and keeps no other from running")
  func hangs() throws {
    let (_, machine) = machine()
    machine.behaviours["2001-disk"] = .hangs
    for start in 1...3 {
      #expect(try machine.start())
      #expect(machine.stopped.count == start)
      #expect(machine.seconds >= 120 * start && machine.seconds < 160 * start)
      #expect(machine.names("done") == names.filter { $0 != "2001-disk" })
      #expect(machine.isDisabled == (start == 3))
    }
    #expect(machine.names("failed") == ["2001-disk"])
    #expect(machine.log.contains("2001-disk: has not ended in 120 seconds, and is stopped\n"))
    #expect(machine.log.contains("2001-disk: failed with 1460\n"))
    #expect(try machine.start() && machine.stopped.count == 3)
  }

  @Test("a step that fails is tried at the next start")
  func fails() throws {
    let (_, machine) = machine()
    machine.behaviours["2500-addresses"] = .ends(2)
    #expect(try machine.start())
    #expect(machine.names("steps") == ["2500-addresses"] && !machine.isDisabled)
    #expect(machine.log.contains("2500-addresses: failed with 2\n"))
    #expect(machine.log.hasSuffix("1 steps are tried again at the next start\n"))
    machine.behaviours["2500-addresses"] = .ends(0)
    #expect(try machine.start())
    #expect(machine.names("done") == names && machine.isDisabled)
  }

  @Test("a step that asks for a restart gets it once")
  func restarts() throws {
    let (_, machine) = machine()
    machine.behaviours["2000-nic"] = .ends(3010)
    machine.behaviours["2001-disk"] = .ends(1)
    #expect(try machine.start() && machine.restarts == 1)
    #expect(machine.names("done").contains("2000-nic"))
    for _ in 0..<3 { #expect(try machine.start()) }
    #expect(machine.restarts == 1 && machine.isDisabled)
  }

  @Test("where attempts cannot be put on record nothing is tried")
  func noRecord() throws {
    let (_, machine) = machine()
    machine.refusing = "\\attempts\\"
    #expect(try machine.start())
    #expect(machine.begun == [] && machine.names("failed") == names && machine.isDisabled)
  }

  @Test("after more starts than attempts what was changed for the first start is put back all the same")
  func exhausted() throws {
    let (boot, machine) = machine()
    machine.runs = FirstBootScripts.maxStarts(boot.steps)
    machine.behaviours[FirstBootSteps.last] = .ends(0)
    #expect(try machine.start())
    #expect(machine.begun == [] && machine.names("failed") == names && machine.isDisabled)
    #expect(machine.log.hasSuffix("given up\n"))
  }

  @Test("no number at the end of a text is taken for that of a stream")
  func streams() {
    let (boot, _) = machine()
    for line in FirstBootScripts.runner(boot.steps) + FirstBootScripts.stepRunner where line.contains("echo ") {
      #expect(!line.dropFirst(2).contains(">") || line.hasPrefix(">\"%") || line.hasPrefix(">>\"%"), "\(line)")
    }
  }
}
