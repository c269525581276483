import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct AzureTests {
  private static let prefix = "/subscriptions/s/resourceGroups/rg/providers"

  static let body = """
    "vmId": "0f0f0f0f-1234-4321-8888-abcdefabcdef", "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
    "storageProfile": {
      "osDisk": {"name": "vm1_OsDisk_1_ab12", "osType": "Linux", "caching": "ReadWrite", "createOption": "FromImage",
        "diskSizeGb": 1, "managedDisk": {"id": "\(prefix)/Microsoft.Compute/disks/vm1_OsDisk_1_ab12",
        "storageAccountType": "Premium_LRS"}},
      "dataDisks": [{"lun": 3, "name": "vm1_data", "createOption": "Attach", "managedDisk": {"id": "\(prefix)/x/vm1_data"}}],
      "imageReference": {"publisher": "Debian", "offer": "debian-12"}},
    "osProfile": {"computerName": "vm1host", "adminUsername": "azureuser", "linuxConfiguration": {"provisionVmAgent": true}},
    "securityProfile": {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": true, "vTpmEnabled": true}},
    "networkProfile": {"networkInterfaces": [
      {"id": "\(prefix)/Microsoft.Network/networkInterfaces/nic2", "properties": {"primary": false}},
      {"id": "\(prefix)/Microsoft.Network/networkInterfaces/nic1", "properties": {"primary": true}}]}
    """

  static let outer =
    #""name": "vm1", "id": "\#(prefix)/x/vm1", "location": "westeurope", "tags": {"team": "red"}, "zones": ["1"]"#
  static let flat = "{\(outer), \(body)}"
  static let nested = #"{\#(outer), "type": "Microsoft.Compute/virtualMachines", "properties": {\#(body)}}"#

  static let nic = """
    {"id": "\(prefix)/microsoft.network/networkInterfaces/NIC1", "name": "nic1", "macAddress": "00-0D-3A-11-22-33",
     "enableAcceleratedNetworking": true, "ipConfigurations": [{"name": "ip", "privateIPAddress": "10.9.0.4",
       "subnet": {"id": "\(prefix)/x/virtualNetworks/v/subnets/front"}, "publicIPAddress": {"id": "p"}}]}
    """

  @Test(arguments: [flat, nested])
  func aMachineWithFixedVHDs(_ document: String) async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", document)
    try folder.json("nics.json", "[\(Self.nic)]")
    try folder.json("sizes.json", #"[{"name": "Standard_D2s_v5", "numberOfCores": 2, "memoryInMb": 8192}]"#)
    try folder.json(
      "disk.json",
      """
      {"name": "vm1_OsDisk_1_ab12", "id": "\(Self.prefix)/Microsoft.Compute/disks/vm1_osdisk_1_AB12", "diskState": "Attached",
       "creationData": {"createOption": "FromImage"}, "diskSizeBytes": 4194304, "hyperVGeneration": "V2"}
      """)
    for name in ["vm1_OsDisk_1_ab12.vhd", "vm1_data.vhd"] {
      try await folder.disk(name, "vpc", options: "subformat=fixed,force_size=on")
    }
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.kind == .azure)
    let machine = backup.machine
    #expect(machine.name == "vm1")
    #expect(machine.cpu.count == 2)
    #expect(machine.memoryBytes == 8 << 30)
    #expect(machine.firmware == .init(type: .uefi, secureBoot: true, tpm: true))
    #expect(machine.disks.map(\.name) == ["vm1_OsDisk_1_ab12", "vm1_data"])
    #expect(machine.disks.map(\.sizeBytes) == [4 << 20, 4 << 20])
    #expect(machine.disks[1].unit == 3)
    #expect(machine.controllers.allSatisfy { $0.bus == "vmbus" })
    #expect(machine.nics[0].mac == "00:0d:3a:11:22:33")
    #expect(machine.nics[0].network == "front")
    #expect(machine.nics[0].addresses == ["10.9.0.4"])
    #expect(machine.nics[1].mac == nil)
    #expect(machine.guest?.family == "linux")
    #expect(machine.identity.uuid == "0f0f0f0f-1234-4321-8888-abcdefabcdef")
    #expect(machine.identity.source["vmSize"] == "Standard_D2s_v5")
    #expect(machine.tags == ["team": "red"])
    #expect(backup.findings.contains { $0.contains("network interface nic2") })
    let losses = backup.losses.map(\.property)
    #expect(losses.contains("location"))
    #expect(losses.contains { $0.hasSuffix("storageProfile/osDisk/caching") })
    #expect(losses.contains { $0.hasSuffix("osProfile/adminUsername") })
    #expect(losses.contains { $0.hasPrefix("Public address") })
    #expect(!backup.findings.contains { $0.contains("bytes; the description says") })
    #expect(try await BackupReader.verify(backup).passed)
  }

  @Test func theFirstGenerationStartsFromIDE() async throws {
    let folder = try TestFolder()
    let view = Self.flat.replacing(#""vmId":"#, with: #""instanceView": {"hyperVGeneration": "V1"}, "vmId":"#)
      .replacing(
        #""securityProfile": {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": true, "vTpmEnabled": true}},"#,
        with: "")
    try folder.json("vm.json", view)
    try folder.json(
      "disk.json",
      #"{"name": "vm1_OsDisk_1_ab12", "id": "\#(Self.prefix)/Microsoft.Compute/disks/vm1_OsDisk_1_ab12", "creationData": {}, "diskState": "Reserved", "hyperVGeneration": "V1"}"#
    )
    for name in ["abcd-vm1_OsDisk_1_ab12.vhd", "vm1_data.vhd"] {
      try await folder.disk(name, "vpc", options: "subformat=fixed,force_size=on")
    }
    let backup = try await BackupReader.read(folder("vm.json"))
    #expect(backup.machine.firmware == .init(type: .bios))
    #expect(backup.machine.controllers.map(\.bus) == ["ide", "vmbus"])
    #expect(backup.findings.contains { $0.contains("az vm list-sizes") })
  }
}
