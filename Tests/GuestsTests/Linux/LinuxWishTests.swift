import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

@Suite("What is asked of Linux guests beside drivers")
struct LinuxWishTests {
  @Test("a platform's needs say which console, agents and addresses there are; what is not known is said")
  func needs() {
    let linux = DriverNeed.Condition(family: "linux")
    let needs = LinuxNeeds(
      [
        DriverNeed(when: linux, need: ["virtio_blk"], initramfs: true),
        DriverNeed(when: linux, need: ["virtio_net"], nics: ["virtio"], settings: ["serial-console", "warp-drive"]),
        DriverNeed(when: linux, need: ["ena"], nics: ["ena"], settings: ["dhcp"], installers: ["qemu-guest-agent"]),
        DriverNeed(when: .init(family: "windows"), need: ["netkvm"], nics: ["virtio"], settings: ["clock-utc"]),
      ], version: nil)
    #expect(needs.networkDrivers == ["virtio_net", "ena"])
    #expect(needs.agents == ["qemu-guest-agent"])
    #expect(needs.kernelArguments == ["console=tty0", "console=ttyS0,115200"])
    #expect(needs.warnings.count == 1 && needs.warnings[0].contains("warp-drive"))
    let nic = NetworkWish(index: 0, oldMAC: "00:50:56:AA:00:01", newMAC: "00-50-56-aa-00-01")
    #expect(nic.oldMAC == nic.newMAC)
    #expect(needs.adapted([nic]) == [NetworkWish(index: 0, oldMAC: nic.oldMAC, addressing: .dhcp)])
    #expect(LinuxNeeds([], version: nil).agents == nil)
    #expect(LinuxNeeds([], version: nil).adapted([nic]) == [nic])
  }

  @Test("a package of another format, or for a guest of an unknown one, is refused before anything is written")
  func packages() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appendingPathComponent("agent 1.deb").path
    try Data().write(to: URL(fileURLWithPath: path))
    #expect(throws: AscendError.self) { try GuestPackages(paths: [path], format: "rpm") }
    #expect(throws: AscendError.self) { try GuestPackages(paths: [path], format: nil) }
    #expect(throws: AscendError.self) { try GuestPackages(paths: [path + ".deb"], format: "deb") }
    #expect(try GuestPackages(paths: [], format: nil).names == [])
    let script = try GuestPackages(paths: [path], format: "deb").script("/packages")
    #expect(script.hasSuffix("dpkg -i './agent_1.deb'\n"))
  }

  @Test("scripts of the first start run once each, and one that fails three times at most")
  func runner() throws {
    let folder = try TemporaryFolder()
    let scripts = folder.url.appendingPathComponent("scripts")
    try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
    for (name, body) in ["01-good": "echo good >>\"$HOME/ran\"", "02-bad": "echo bad >>\"$HOME/ran\"; exit 7"] {
      let url = scripts.appendingPathComponent(name)
      try Data("#!/bin/sh\n\(body)\n".utf8).write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }
    let runner = folder.url.appendingPathComponent("run").path
    try Data(LinuxFirstBoot.runner.replacing(LinuxFirstBoot.folder, with: folder.url.path).utf8)
      .write(to: URL(fileURLWithPath: runner))
    for _ in 0..<5 { try Lab.run("env", ["HOME=\(folder.url.path)", "sh", runner]) }
    #expect(try String(contentsOfFile: folder.url.path + "/ran", encoding: .utf8) == "good\nbad\nbad\nbad\n")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(left.contains("done-01-good") && left.contains("failed-02-bad"))
    #expect(try String(contentsOfFile: folder.url.path + "/log", encoding: .utf8).contains("02-bad: failed with 7"))
    try Lab.run("sh", ["-n", "-c", LinuxFirstBoot.initScript])
  }

  @Test("every agent in the table has a name, packages and traces, and is asked for by either")
  func agents() throws {
    let agents = try AgentTable.bundled().agents
    #expect(agents.count > 5)
    #expect(agents.allSatisfy { !$0.name.isEmpty && !$0.packages.isEmpty && !$0.traces.isEmpty })
    #expect(agents.filter { $0.services.isEmpty }.map(\.name) == ["cloud-init"])
    let meant = agents.filter { $0.isMeant(by: ["open-vm-tools", "azure-agent"]) }
    #expect(meant.map(\.name) == ["vmware-tools", "azure-agent"])
    #expect(agents.flatMap(\.traces).allSatisfy { $0.hasPrefix("/") })
  }
}
