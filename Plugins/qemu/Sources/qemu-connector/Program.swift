import ConnectorKit
import QEMUConnector

@main
enum Program {
  static func main() async {
    await ConnectorMain.run(QEMUConnector.self)
  }
}
