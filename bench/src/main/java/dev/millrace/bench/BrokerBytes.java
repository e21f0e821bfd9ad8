/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.bench;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What a broker took and sent of a topic, as its own metrics count it; asked by JMX. */
final class BrokerBytes implements AutoCloseable {

    private final JMXConnector connector;
    private final MBeanServerConnection beans;

    private BrokerBytes(JMXConnector connector) throws IOException {
        this.connector = connector;
        this.beans = connector.getMBeanServerConnection();
    }

    /** Of the broker in a Java process of the same user. */
    @SuppressWarnings("BanJNDI") // The address is that of the process that it attached to.
    static BrokerBytes of(long pid) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
        try {
            String url = machine.startLocalManagementAgent();
            return new BrokerBytes(JMXConnectorFactory.connect(new JMXServiceURL(url)));
        } finally {
            machine.detach();
        }
    }

    /** Bytes that producers sent. */
    long in(String topic) throws IOException, JMException {
        return count("BytesInPerSec", topic);
    }

    /** Bytes that consumers fetched. */
    long out(String topic) throws IOException, JMException {
        return count("BytesOutPerSec", topic);
    }

    private long count(String metric, String topic) throws IOException, JMException {
        ObjectName name =
                new ObjectName(
                        "kafka.server:type=BrokerTopicMetrics,name=" + metric + ",topic=" + topic);
        try {
            return (Long) beans.getAttribute(name, "Count");
        } catch (InstanceNotFoundException _) {
            // Nothing came or went yet.
            return 0;
        }
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
