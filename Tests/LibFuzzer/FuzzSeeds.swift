import Foundation

@testable import Disks

/// Sound inputs, small: libFuzzer grows them by itself.
enum FuzzSeeds {
  static let domain = """
    <domain type='kvm'><name>web</name><memory unit='GiB'>2</memory><vcpu current='1'>2</vcpu><title>t</title>
    <os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os><cpu><topology cores='2'/></cpu>
    <devices><disk type='file' device='disk'><driver type='qcow2'/><source file='/a/b.qcow2'/><target dev='vda' bus='virtio'/>
    <boot order='1'/></disk><controller type='scsi' model='virtio-scsi'/><interface type='bridge'>
    <mac address='52:54:00:aa:bb:cc'/><source bridge='br0'/><ip address='192.0.2.5' prefix='24'/></interface></devices></domain>
    """

  static let manifest = """
    {"schema": "backup/1", "platform": "x", "takenAt": "2026-05-01T10:00:00Z", "machine": {"schema": "machine/1",
     "name": "db", "cpu": {"count": 2}, "memoryBytes": 1073741824, "disks": [{"index": 0, "name": "d", "sizeBytes": 4096,
     "boot": true}]}, "disks": [{"index": 0, "chain": [{"file": "a", "format": "qcow2"}]}]}
    """

  static let documents = [
    """
    {"virtualmachine": [{"id": "5f1c8a52-7c33-4f0e-9c3c-0a8b1f6f1d11", "name": "web", "cpunumber": 4, "memory": "4096",
     "instancename": "i-2-3-VM", "details": {"rootDiskController": "virtio"}, "tags": [{"key": "a", "value": "b"}],
     "nic": [{"id": "n", "deviceid": "0", "macaddress": "02:00:11:22:33:45", "isdefault": true}]}],
     "volume": [{"id": "v", "type": "ROOT", "deviceid": 0, "size": 2097152, "path": "p", "virtualmachineid":
     "5f1c8a52-7c33-4f0e-9c3c-0a8b1f6f1d11"}]}
    """,
    """
    {"Reservations": [{"Instances": [{"InstanceId": "i-1", "InstanceType": "m5.large", "RootDeviceName": "/dev/xvda",
     "Tags": [{"Key": "Name", "Value": "shop"}], "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeId":
     "vol-1"}}], "NetworkInterfaces": [{"MacAddress": "0a:11:22:33:44:55", "PrivateIpAddress": "10.0.0.7"}]}]}],
     "InstanceTypes": [{"InstanceType": "m5.large", "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8}}]}
    """,
    """
    {"name": "vm1", "id": "/subscriptions/s/x/vm1", "type": "Microsoft.Compute/virtualMachines", "tags": {"a": "b"},
     "properties": {"vmId": "0f", "hardwareProfile": {"vmSize": "S"}, "storageProfile": {"osDisk": {"name": "d", "osType":
     "Linux"}, "dataDisks": [{"lun": 3, "name": "e"}]}, "securityProfile": {"uefiSettings": {"secureBootEnabled": true}},
     "networkProfile": {"networkInterfaces": [{"id": "n"}]}}}
    """,
    """
    {"metadata": {"kind": "vm", "uuid": "u"}, "spec": {"name": "erp", "resources": {"num_sockets": 2,
     "num_vcpus_per_socket": 3, "memory_size_mib": 6144, "boot_config": {"boot_type": "UEFI"}, "disk_list": [{"uuid": "d",
     "device_properties": {"device_type": "DISK", "disk_address": {"adapter_type": "SCSI", "device_index": 0}}}],
     "nic_list": [{"mac_address": "50:6b:8d:00:11:22"}]}}}
    """,
    """
    {"data": {"$objectType": "vmm.v4.ahv.config.Vm", "extId": "b", "name": "crm", "numSockets": 1, "memorySizeBytes":
     4294967296, "disks": [{"extId": "e", "diskAddress": {"busType": "SCSI", "index": 1}, "backingInfo": {}}],
     "nics": [{"backingInfo": {"macAddress": "50:6b:8d:00:11:44"}}]}}
    """,
  ]

  @Sendable static func archives() -> [[UInt8]] {
    var archive = TestArchive()
    archive.add("vm.ovf", Array("<a/>".utf8))
    archive.addPax([("path", "other"), ("size", "3")])
    archive.add("x", [1, 2, 3])
    archive.finish()
    return [archive.bytes]
  }

  @Sendable static func configurations() -> [[UInt8]] {
    let machine = TestVMCX.machine(["C:\\web.vhdx"])
    return [TestVMCX(root: machine).bytes, TestHyperVText.bytes(machine)]
  }

  @Sendable static func extents() -> [[UInt8]] {
    var old = TestCOWD(sectors: 64)
    old.grains[7] = Array(repeating: 7, count: 512)
    var new = TestSESparse(sectors: 64)
    new.grains = [0: .data(Array(repeating: 7, count: 4096)), 1: .zeros]
    return [old.bytes, new.bytes]
  }

  @Sendable static func vmdks() -> [[UInt8]] {
    let text = """
      # Disk DescriptorFile
      version=1
      CID=fffffffe
      parentCID=0badcafe
      createType="twoGbMaxExtentSparse"
      parentFileNameHint="input"
      RW 8 FLAT "input" 0
      RW 8 SPARSE "input"

      """
    var sparse = [UInt8](repeating: 0, count: 4096)
    sparse.put(Array("KDMV".utf8) + [1, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 8], at: 0)
    sparse.put([1, 0, 0, 0, 0, 0, 0, 0, 1], at: 28)
    sparse.put([0, 2, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5], at: 44)
    sparse.put(Array(text.utf8.prefix(500)), at: 512)
    return [Array(text.utf8), sparse]
  }

  @Sendable static func qcow() -> [[UInt8]] {
    var bytes = [UInt8](repeating: 0, count: 1024)
    bytes.put([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 16], at: 0)
    bytes.put([0, 0, 0, 0, 0, 1, 0, 0], at: 24)
    bytes.put([0, 0, 0, 4], at: 96)
    bytes.put([0, 0, 0, 104], at: 100)
    bytes.put([0xe2, 0x79, 0x2a, 0xca, 0, 0, 0, 5] + Array("qcow2".utf8), at: 104)
    bytes.put(Array("input".utf8), at: 512)
    var kept = bytes
    // Two snapshots within the image, the first with data beyond what is known.
    kept.put([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2, 8], at: 60)
    kept.put([0, 1, 0, 6], at: 520 + 12)
    kept.put([0, 0, 0, 16], at: 520 + 36)
    kept.put(Array("1before".utf8), at: 520 + 56)
    kept.put([0, 1, 0, 5], at: 584 + 12)
    kept.put(Array("2after".utf8), at: 584 + 40)
    return [bytes, kept]
  }

  @Sendable static func vhds() -> [[UInt8]] {
    var child = TestVHD(size: 64 << 10, blockBytes: 16 << 10)
    child.parentIdentifier = TestVHDX.guid(3)
    child.relativeName = "input"
    child.blocks = [0: [1: Array(repeating: 9, count: 512)]]
    return [child.bytes()]
  }

  @Sendable static func vhdxs() -> [[UInt8]] {
    var child = TestVHDX(size: 1 << 20)
    child.parentLinkage = TestVHDX.guid(3)
    child.parentNames = ["relative_path": "input"]
    child.blocks = [0: .partly([1: Array(repeating: 9, count: 512)])]
    return [child.bytes()]
  }
}
