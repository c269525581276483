import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct NutanixTests {
  static let third = """
    {"api_version": "3.1", "metadata": {"kind": "vm", "uuid": "AAAAAAAA-1111-4222-8333-444444444444",
      "categories": {"Environment": "Production"}},
     "spec": {"name": "erp", "description": "the old one", "cluster_reference": {"kind": "cluster", "name": "c1"},
      "resources": {"num_sockets": 2, "num_vcpus_per_socket": 3, "num_threads_per_core": 1, "memory_size_mib": 6144,
       "power_state": "ON", "machine_type": "Q35", "hardware_clock_timezone": "Europe/Berlin",
       "boot_config": {"boot_type": "SECURE_BOOT", "boot_device": {"disk_address": {"adapter_type": "SATA", "device_index": 0}}},
       "vtpm_config": {"vtpm_enabled": true}, "guest_customization": {"cloud_init": {"user_data": "c2VjcmV0"}},
       "disk_list": [
        {"uuid": "d-scsi", "disk_size_mib": 2, "device_properties": {"device_type": "DISK",
          "disk_address": {"adapter_type": "SCSI", "device_index": 0}}},
        {"uuid": "d-sata", "disk_size_bytes": 1048576, "device_properties": {"device_type": "DISK",
          "disk_address": {"adapter_type": "SATA", "device_index": 0}}},
        {"uuid": "cd", "device_properties": {"device_type": "CDROM",
          "disk_address": {"adapter_type": "IDE", "device_index": 0}}}],
       "nic_list": [{"uuid": "n", "mac_address": "50:6b:8d:00:11:22", "model": "e1000", "is_connected": false,
         "subnet_reference": {"kind": "subnet", "name": "vlan10", "uuid": "sub-1"},
         "ip_endpoint_list": [{"ip": "10.10.0.5", "type": "ASSIGNED"}]}]}},
     "status": {"name": "erp", "state": "COMPLETE", "resources": {"num_sockets": 2}}}
    """

  static let fourth = """
    {"data": {"$objectType": "vmm.v4.ahv.config.Vm", "extId": "bbbbbbbb-1111-4222-8333-444444444444", "name": "crm",
      "biosUuid": "cccccccc-1111-4222-8333-444444444444", "numSockets": 1, "numCoresPerSocket": 2, "numThreadsPerCore": 2,
      "memorySizeBytes": 4294967296, "machineType": "PC", "categories": [{"extId": "cat-1"}],
      "bootConfig": {"$objectType": "vmm.v4.ahv.config.LegacyBoot", "bootDevice": {
        "$objectType": "vmm.v4.ahv.config.BootDeviceDisk", "diskAddress": {"busType": "SCSI", "index": 1}}},
      "disks": [
       {"extId": "e-0", "diskAddress": {"busType": "SCSI", "index": 1}, "backingInfo": {"diskSizeBytes": 1048576,
         "diskExtId": "inner-0", "storageContainer": {"extId": "sc"}}},
       {"extId": "e-1", "diskAddress": {"busType": "SCSI", "index": 0}, "backingInfo": {"diskSizeBytes": 1048576}},
       {"extId": "e-2", "diskAddress": {"busType": "SCSI", "index": 7}, "backingInfo": {"volumeGroupExtId": "vg-1"}}],
      "cdRoms": [{"diskAddress": {"busType": "IDE", "index": 0}}],
      "nics": [
       {"nicBackingInfo": {"model": "VIRTIO", "macAddress": "50:6b:8d:00:11:33", "isConnected": true},
        "nicNetworkInfo": {"subnet": {"extId": "sub-9"}, "ipv4Config": {"ipAddress": {"value": "10.1.0.4", "prefixLength": 24}},
          "ipv4Info": {"learnedIpAddresses": [{"value": "10.1.0.4"}, {"value": "10.1.0.99"}]}}},
       {"backingInfo": {"macAddress": "50:6b:8d:00:11:44"}, "networkInfo": {"subnet": {"extId": "sub-8"}}}]}}
    """

  @Test func versionThree() async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", #"{"entities": [\#(Self.third)]}"#)
    try await folder.disk("d-scsi.qcow2", "qcow2", size: 2 << 20)
    let content = try folder.raw("erp.d-sata.raw")
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.kind == .nutanix)
    let machine = backup.machine
    #expect(machine.name == "erp")
    #expect(machine.notes == "the old one")
    #expect(machine.cpu == .init(count: 6, coresPerSocket: 3))
    #expect(machine.memoryBytes == 6 << 30)
    #expect(machine.firmware == .init(type: .uefi, secureBoot: true, tpm: true))
    #expect(machine.disks.map(\.name) == ["scsi.0", "sata.0"])
    #expect(machine.disks.map(\.boot) == [false, true])
    #expect(machine.controllers.map(\.bus) == ["virtio-scsi", "sata"])
    #expect(
      machine.nics == [
        .init(
          index: 0, model: "e1000", mac: "50:6b:8d:00:11:22", network: "vlan10", addresses: ["10.10.0.5"],
          connected: false)
      ])
    #expect(machine.tags == ["Environment": "Production"])
    #expect(machine.identity.uuid == "aaaaaaaa-1111-4222-8333-444444444444")
    #expect(try await reads(backup.disks[1].chain, like: content))
    let losses = backup.losses
    for property in ["hardware_clock_timezone", "machine_type"] {
      #expect(losses.contains { $0.property.hasSuffix(property) }, "\(property)")
    }
    #expect(losses.contains { $0.property.hasPrefix("CD drive") })
    #expect(!losses.contains { $0.value?.contains("c2VjcmV0") == true })
  }

  @Test func versionFour() async throws {
    let folder = try TestFolder()
    try folder.json("vm.json", Self.fourth)
    try folder.json("subnet.json", #"{"data": [{"extId": "sub-9", "name": "prod", "subnetType": "VLAN"}]}"#)
    let content = try folder.raw("inner-0.raw")
    try folder.raw("crm-scsi.0.raw", seed: 77)
    let backup = try await BackupReader.read(folder.path)
    let machine = backup.machine
    #expect(machine.cpu == .init(count: 4, coresPerSocket: 2, threadsPerCore: 2))
    #expect(machine.firmware == .init(type: .bios))
    #expect(machine.disks.map(\.name) == ["scsi.0", "scsi.1"])
    #expect(machine.disks.map(\.boot) == [false, true])
    #expect(machine.nics.map(\.network) == ["prod", "sub-8"])
    #expect(machine.nics.map(\.mac) == ["50:6b:8d:00:11:33", "50:6b:8d:00:11:44"])
    #expect(machine.nics[0].addresses == ["10.1.0.4/24", "10.1.0.99"])
    #expect(machine.identity.uuid == "cccccccc-1111-4222-8333-444444444444")
    #expect(try await reads(backup.disks[1].chain, like: content))
    #expect(backup.losses.contains { $0.value == "vg-1" })
    #expect(!backup.losses.contains { $0.property.contains("$") })
  }
}
