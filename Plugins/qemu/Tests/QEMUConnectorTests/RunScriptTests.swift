import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

@Suite struct RunScriptTests {
  private func write(_ plan: MachinePlan, in scratch: Scratch, firmware: Firmware? = nil) throws -> String {
    let script = RunScript(plan: plan, firmware: firmware, accelerator: .tcg)
    let path = scratch.file("run")
    try AtomicFile.write(Data(script.text.utf8), to: path, mode: 0o700)
    return path
  }

  /// The rules forbid such names; the script would hold them all the same.
  @Test(arguments: ArgumentTests.nasty) func `no name breaks it`(name: String) async throws {
    let scratch = try Scratch()
    let path = try write(Plans.plan(name: name), in: scratch)
    #expect(try await tool("bash", "-n", path).exit == .code(0))
    let status = try await tool(path, "status")
    #expect(status.exit == .code(3))
    #expect(String(decoding: status.output, as: UTF8.self) == "\(name): stopped\n")
  }

  @Test(arguments: DiskController.allCases) func `it starts, shows and stops a machine`(
    controller: DiskController
  ) async throws {
    let scratch = try Scratch("it's, a \"$folder\"; " + String(repeating: "long ", count: 20))
    let firmware = controller == .nvme ? Firmware.find(secureBoot: false) : nil
    let plan = Plans.plan(
      controllers: [controller, controller], firmware: firmware == nil ? .bios : .uefi,
      nic: controller == .sata ? .e1000e : .virtio, network: controller == .ide ? "none" : "user")
    for disk in plan.disks { try Images.make(scratch.file(disk.fileName), size: disk.sizeBytes, data: []) }
    if let firmware {
      try FileManager.default.copyItem(atPath: firmware.variables, toPath: scratch.file(MachineFolder.variablesName))
    }
    let path = try write(plan, in: scratch, firmware: firmware)
    let folder = MachineFolder(path: scratch.path)
    defer { MachineProcess.find(folder)?.end() }

    let start = try await tool(path, "start")
    #expect(start.exit == .code(0), "\(start.errors)")
    #expect(MachineProcess.find(folder) != nil)
    #expect(try await tool(path, "status").exit == .code(0))
    #expect(try await tool(path, "start").exit == .code(0), "a second start is no fault")
    let picture = scratch.file("screen.png")
    #expect(try await tool(path, "screenshot", picture).exit == .code(0))
    #expect(try Picture.size(picture) != nil)
    #expect(try await tool(path, "stop", "--now").exit == .code(0))
    #expect(MachineProcess.find(folder) == nil)
    #expect(try await tool(path, "status").exit == .code(3))
  }

  @Test func `wrong usage is told`() async throws {
    let scratch = try Scratch()
    let path = try write(Plans.plan(), in: scratch)
    for arguments in [[], ["fly"], ["start", "--accel", "warp"], ["stop", "--later"], ["screenshot"]] {
      let answer = try await Tool.run(path, arguments)
      #expect(answer.exit == .code(2))
      #expect(answer.errors.contains("Usage"))
    }
  }
}
