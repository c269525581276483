import Foundation
import Testing

@testable import Guests

@Suite("The first start of Windows")
struct FirstBootTests {
  private func text(_ files: [String: [UInt8]], _ name: String) throws -> String {
    String(decoding: try #require(files[name]), as: UTF8.self)
  }

  @Test("steps are scripts in a folder, run by a service")
  func whole() throws {
    let steps =
      FirstBootSteps.drivers([("netkvm", "netkvm.inf"), ("odd", "a%b.inf"), ("a b", "c.inf")])
      + [FirstBootSteps.removal("Some Tools"), FirstBootSteps.crashControl(1)]
      + [FirstBootSteps.addresses([AddressWish(index: 0, addresses: ["10.0.0.5/24"])])].compactMap(\.self)
      + FirstBootSteps.agents(["agent.msi": [1, 2]]) + FirstBootSteps.settings(GuestSetting.allCases)
    let boot = FirstBoot(steps: steps)
    let files = boot.files
    #expect(
      files.keys.sorted() == [
        "Ascend/files/addresses.ps1", "Ascend/files/agent.msi", "Ascend/firstboot.cmd", "Ascend/run.cmd",
        "Ascend/steps/2000-netkvm.cmd", "Ascend/steps/2001-odd.cmd", "Ascend/steps/2002-a_b.cmd",
        "Ascend/steps/2500-addresses.cmd", "Ascend/steps/3000-remote-desktop.cmd",
        "Ascend/steps/3000-serial-console.cmd", "Ascend/steps/4000-agent.cmd",
        "Ascend/steps/5000-remove-some-tools.cmd", "Ascend/steps/9000-restart-after-failure.cmd",
      ])
    for (name, content) in files where name.hasSuffix(".cmd") {
      let script = String(decoding: content, as: UTF8.self)
      #expect(script.hasPrefix("@echo off\r\n"))
      #expect(script.split(separator: "\r\n", omittingEmptySubsequences: false).allSatisfy { !$0.contains("\n") })
    }
    // Each package is a step of its own: one that takes the machine down is none of the others' business.
    let drivers = try text(files, "Ascend/steps/2000-netkvm.cmd")
    #expect(drivers.contains("pnputil -i -a \"%SystemRoot%\\Drivers\\Ascend\\netkvm\\netkvm.inf\""))
    #expect(drivers.components(separatedBy: "pnputil").count == 2)
    #expect(try text(files, "Ascend/steps/2001-odd.cmd").contains("a%%b.inf"))
    #expect(try text(files, "Ascend/steps/2002-a_b.cmd").contains("Drivers\\Ascend\\a b\\c.inf"))
    #expect(try text(files, "Ascend/firstboot.cmd").contains("call :step \"4000-agent\" 1800\r\n"))
    #expect(try text(files, "Ascend/steps/5000-remove-some-tools.cmd").contains("/f \"Some Tools\" /e /d"))

    let edits = boot.edits(controlSets: ["CS1", "CS2"])
    let service = ["CS2", "Services", "AscendFirstBoot"]
    #expect(edits.system.contains(.set(service, "Start", .dword(2))))
    #expect(edits.system.contains(.set(service, "DependOnService", .multiString(["RpcSs", "PlugPlay"]))))
    #expect(edits.system.contains(.set(["CS1", "Services", "AscendFirstBoot"], "ErrorControl", .dword(0))))
    #expect(edits.software == [.set(["Ascend", "FirstBoot"], "Runs", .dword(0))])
  }

  @Test("nothing to do is nothing at all")
  func empty() {
    let boot = FirstBoot(steps: [])
    #expect(boot.files.isEmpty && boot.edits(controlSets: ["CS"]).system.isEmpty)
    #expect(FirstBootSteps.drivers([]).isEmpty && FirstBootSteps.addresses([]) == nil)
  }

  @Test("addresses are checked before they become a script")
  func addresses() {
    let script = AddressWish.script([
      AddressWish(
        mac: "00-50-56-ab-cd-ef", index: 1, addresses: ["10.0.0.5/24", "10.0.0.6/8"], gateway: "10.0.0.1",
        nameServers: ["9.9.9.9", "'; rm"]),
      AddressWish(mac: "'; Remove-Item", index: 2, addresses: ["192.168.1.2/25"], gateway: "$(evil)"),
      AddressWish(index: 3, addresses: ["fe80::1/64"]), AddressWish(index: 4, addresses: ["1.2.3/24"]),
    ])
    #expect(
      script.contains(
        "$_.MACAddress -eq '00:50:56:AB:CD:EF' } | Select-Object -First 1) @('10.0.0.5','10.0.0.6') "
          + "@('255.255.255.0','255.0.0.0') @('10.0.0.1') @('9.9.9.9')"))
    #expect(script.contains("Set-Addresses $all[2] @('192.168.1.2') @('255.255.255.128') @() @()"))
    for word in ["Remove-Item", "rm", "evil", "fe80", "1.2.3/"] { #expect(!script.contains(word)) }
    #expect(AddressWish(index: 0, addresses: ["1.1.1.1/0"]).masked?.first?.mask == "0.0.0.0")
    #expect(AddressWish(index: 0, addresses: ["1.1.1.1/33"]).masked == nil)
  }

  @Test("addresses are waited for, and an error in the end is told in the exit code of every PowerShell")
  func waiting() throws {
    let first = AddressWish(mac: "00:50:56:00:00:01", index: 0, addresses: ["10.0.0.5/24"])
    let third = AddressWish(index: 2, addresses: [], dhcp: true)
    let lines = AddressWish.script([first, third]).components(separatedBy: "\r\n")
    func place(_ text: String) throws -> Int { try #require(lines.firstIndex { $0.contains(text) }, "\(text)") }
    // All that can fail for want of an interface is within the loop.
    let loop = try place("for ($left = 60; ; $left--) {")
    #expect(try place("  try {") == loop + 1)
    #expect(try place("$all = @(Get-WmiObject") > loop)
    #expect(try place("if ($all.Count -lt 3) { throw") > place("$all = @("))
    #expect(try place("    Set-Addresses (") > loop && place("    Set-Automatic $all[2]") > loop)
    #expect(try place("    [Environment]::Exit(0)") > place("    Set-Automatic $all[2]"))
    #expect(try place("  } catch {") == place("    [Environment]::Exit(0)") + 1)
    #expect(try place("if ($left -le 1) { $_ | Out-String; [Environment]::Exit(1) }") == place("  } catch {") + 1)
    #expect(try place("Start-Sleep -Seconds 5") > place("  } catch {"))
    // An interface that is found by its hardware address is waited for by it.
    #expect(AddressWish.script([first]).contains("$all.Count -lt 0"))
  }

  @Test("access that others have is seen")
  func access() {
    func descriptor(_ entries: [(mask: UInt8, high: UInt8, sid: [UInt8])], control: UInt8 = 4) -> [UInt8] {
      let list = entries.flatMap { entry -> [UInt8] in
        [0, 0, UInt8(8 + entry.sid.count), 0, entry.mask, 0, entry.high, 0] + entry.sid
      }
      return [1, 0, control, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0]
        + [2, 0, UInt8(8 + list.count), 0, UInt8(entries.count), 0, 0, 0] + list
    }
    let system: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]
    let everyone: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    let administrators: [UInt8] = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0]
    let own: [(mask: UInt8, high: UInt8, sid: [UInt8])] = [(0xff, 0x1f, system), (0xff, 0x1f, administrators)]
    #expect(!SecurityDescriptor(descriptor(own)).othersMayWrite)
    #expect(SecurityDescriptor(descriptor(own + [(2, 0, everyone)])).othersMayWrite)
    #expect(SecurityDescriptor(descriptor([(0xff, 0x1f, everyone)])).othersMayWrite)
    #expect(SecurityDescriptor(descriptor([], control: 0)).othersMayWrite)
    #expect(SecurityDescriptor([]).othersMayWrite)
  }
}
