import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

@Suite("What the operator gives for the first start of Windows")
struct UserFilesTests {
  private func file(_ name: String, _ text: String, in folder: TemporaryFolder) throws -> String {
    let file = folder.url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test("scripts and installers are read in their order, with names that no shell mistakes")
  func reads() throws {
    let folder = try TemporaryFolder()
    let wish = WindowsWish(
      firstBootScripts: [
        try file("b & c.ps1", "Write-Output 1\n", in: folder), try file("a.CMD", "@echo\nexit 3\r\n", in: folder),
      ], packages: [try file("Agent 1%.msi", "msi", in: folder)])
    let files = try UserFiles(wish)
    #expect(files.scripts.map(\.name) == ["b___c.ps1", "a.CMD"])
    #expect(files.scripts[0].bytes == Array("Write-Output 1\n".utf8))
    // What has the wrong ends of lines gets the right ones; the others stay.
    #expect(files.scripts[1].bytes == Array("@echo\r\nexit 3\r\n".utf8))
    #expect(files.installers.map(\.name) == ["Agent_1_.msi"])
    #expect(files.bytes == 33)

    let steps = FirstBootSteps.scripts(files.scripts)
    #expect(steps.map(\.name) == ["6000-001-b___c", "6000-002-a"])
    // PowerShell 2.0 ends with 0 after an error that nothing catches when it is given the file (`-File`).
    #expect(
      steps[0].lines[0]
        == "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command \"& { $code = 0; "
        + "try { & '%SystemRoot%\\Ascend\\files\\001-b___c.ps1'; if (-not $?) { $code = [int]$LASTEXITCODE } } "
        + "catch { $_ | Out-String; $code = 1 }; [Environment]::Exit($code) }\"")
    #expect(steps[1].lines[0] == "call \"%SystemRoot%\\Ascend\\files\\002-a.CMD\"")
    #expect(steps.allSatisfy { $0.lines.last == "exit %ERRORLEVEL%" })
    let written = FirstBoot(steps: steps).files
    #expect(written["Ascend/files/001-b___c.ps1"] == files.scripts[0].bytes)
    #expect(written["Ascend/steps/6000-002-a.cmd"] != nil)
  }

  @Test("what Windows cannot run, or nobody can read, is refused by name")
  func refuses() throws {
    let folder = try TemporaryFolder()
    let shell = try file("setup.sh", "#!/bin/sh", in: folder)
    let program = try file("setup.exe", "MZ", in: folder)
    let large = folder.url.appendingPathComponent("large.ps1").path
    try Lab.run("truncate", ["-s", "2M", large])
    let cases: [(WindowsWish, String, String)] = [
      (WindowsWish(runScripts: [shell]), "guest.otherSystem", shell),
      (WindowsWish(firstBootScripts: [shell]), "guest.scriptKind", shell),
      (WindowsWish(firstBootScripts: ["/nowhere/x.ps1"]), "file.notFound", "/nowhere/x.ps1"),
      (WindowsWish(firstBootScripts: [large]), "file.tooLarge", large),
      (WindowsWish(packages: [program]), "guest.packageFormat", program),
    ]
    for (wish, code, object) in cases {
      let error = #expect(throws: AscendError.self) { try UserFiles(wish) }
      #expect(error?.code.rawValue == code && error?.object == object, "\(code)")
    }
    #expect(try UserFiles(WindowsWish()).bytes == 0)
  }
}

@Suite("Addresses of a Windows that moves")
struct AddressWishGuestTests {
  private let fixed = GuestFacts.Interface(
    name: "Ethernet0", method: "static", addresses: ["10.0.0.5/24"], gateway: "10.0.0.1", nameServers: ["10.0.0.2"],
    source: "registry")

  @Test("the one address of the one interface is carried to the new one")
  func carried() {
    let nic = NetworkWish(index: 0, oldMAC: "00:50:56:00:00:01", newMAC: "00:50:56:00:00:02")
    let (wishes, warning) = AddressWish.all([nic], interfaces: [fixed], platformAssigns: false)
    #expect(warning == nil)
    #expect(
      wishes == [
        AddressWish(
          mac: "00:50:56:00:00:02", index: 0, addresses: ["10.0.0.5/24"], gateway: "10.0.0.1",
          nameServers: ["10.0.0.2"])
      ])
    // Where the platform gives addresses, the guest's own are of no use.
    #expect(AddressWish.all([nic], interfaces: [fixed], platformAssigns: true).wishes == [])
  }

  @Test("the mapping decides, and DHCP is an answer")
  func mapped() {
    let chosen = NetworkWish(
      index: 1, newMAC: "00:50:56:00:00:03",
      addressing: .fixed(addresses: ["192.168.1.9/24"], gateway: nil, nameServers: []))
    let automatic = NetworkWish(index: 0, addressing: .dhcp)
    let (wishes, warning) = AddressWish.all([chosen, automatic], interfaces: [fixed], platformAssigns: false)
    #expect(warning == nil)
    #expect(wishes.map(\.index) == [0, 1] && wishes.map(\.dhcp) == [true, false])
    let script = AddressWish.script(wishes)
    #expect(script.contains("Set-Automatic $all[0]\r\n"))
    #expect(script.contains("$_.MACAddress -eq '00:50:56:00:00:03' }"))
  }

  @Test("what cannot be told apart is said, not guessed")
  func ambiguous() {
    let nics = [NetworkWish(index: 0), NetworkWish(index: 1)]
    let (wishes, warning) = AddressWish.all(nics, interfaces: [fixed], platformAssigns: false)
    #expect(wishes == [] && warning?.contains("10.0.0.5/24") == true)
    var odd = fixed
    odd.addresses = ["fe80::1/64"]
    let refused = AddressWish.all([nics[0]], interfaces: [odd], platformAssigns: false)
    #expect(refused.wishes == [] && refused.warning?.contains("Ethernet0") == true)
    #expect(AddressWish.all(nics, interfaces: [], platformAssigns: false).warning == nil)
  }
}
