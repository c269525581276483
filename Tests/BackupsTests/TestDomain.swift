/// Domains of libvirt for tests.
enum TestDomain {
  static func text(_ devices: String) -> String {
    """
    <domain type='kvm'><name>web</name><memory unit='GiB'>1</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os>
    <devices>\(devices)</devices></domain>
    """
  }

  static func disk(_ target: String, _ source: String, format: String = "qcow2") -> String {
    """
    <disk type='file' device='disk'><driver name='qemu' type='\(format)'/><source file='\(source)'/>
    <target dev='\(target)' bus='virtio'/></disk>
    """
  }
}
