"""Chinese: school mathematics, and everyday pages."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文斌宇浩然雨欣怡佳琪思远"
_CITY = "江海山河林湖川泉岭州阳城安宁平南北东西云龙凤石青白清长新永和兴"


def _names(count: int) -> tuple[str, ...]:
    dice = Dice("names", "zh")
    return tuple(
        dice.pick(_FAMILY) + "".join([dice.pick(_GIVEN) for _ in range(dice.between(1, 2))])
        for _ in range(count)
    )


def _places(count: int) -> tuple[str, ...]:
    dice = Dice("places", "zh")
    return tuple(
        dice.pick(_CITY) + dice.pick(_CITY) + dice.pick("市县区镇村") for _ in range(count)
    )


_SHARED: dict[str, Sequence[str]] = {
    "name": _names(900),
    "place": _places(600),
    "nick": tuple("小" + c for c in "明红刚丽华强芳军兰英东玲亮燕波云")
    + tuple(c + c for c in "丽乐欢贝莹佳琪婷圆豆"),
    "thing": (
        "方法 问题 情况 结果 过程 内容 活动 时间 计划 经验 关系 作用 变化 条件 部分 方面 材料 "
        "环境 服务 技术 信息 产品 市场 项目 标准 质量 价格 数量 速度 面积 重量 高度 温度 中心 "
        "基础 原因 目标 机会 影响 特点 规律 图形 表格 数据 题目 答案 单元 系列 极限 函数 根本 "
        "领域 空间 线路 平面 直线 周期 概率 集合 公式 模型"
    ).split(),
    "act": (
        "研究 提高 完成 使用 选择 解决 发现 讨论 认识 掌握 介绍 分析 比较 计算 检查 整理 安排 "
        "准备 观察 记录 说明 建立 改变 增加 减少 支持 参加 组织 练习 复习 证明 推广 设计 制作 "
        "测量 判断 思考 总结 了解 应用"
    ).split(),
    "like": (
        "重要 简单 复杂 新鲜 明显 特殊 一般 基本 有趣 方便 美丽 安全 稳定 合理 实际 具体 全面 "
        "准确 快速 普通 优秀 传统 现代 丰富 清楚 完整 不同 相同 困难 容易 适合 必要 独立 正常 "
        "自然 热闹 安静"
    ).split(),
}

_MATH: dict[str, Sequence[str]] = _SHARED | {
    "good": (
        "个苹果 支铅笔 本图书 块糖 张邮票 朵花 只兔子 个气球 颗珠子 棵树 辆汽车 把椅子 袋大米 "
        "箱牛奶 盒饼干 个橘子 条鱼 只鸡 个皮球 张卡片 块砖 桶油 件衣服 双筷子 枚硬币 个杯子 "
        "瓶果汁 篮鸡蛋 根绳子 面彩旗"
    ).split(),
    "group": "同学 工人 学生 老师 少先队员 运动员 乘客 游客 农民 观众 志愿者".split(),
    "item": (
        "分数 小数 方程 比例 百分数 因数 倍数 质数 合数 三角形 梯形 平行四边形 圆柱 圆锥 长方体 "
        "正方体 圆周率 余数 公约数 公倍数 不等式 函数 图象 抛物线 坐标 数列 向量 集合 概率 几何体 "
        "角平分线 中位线 对称轴 相似 全等 勾股定理 因式分解 有理数 无理数 绝对值 一元二次方程 "
        "二元一次方程组 二次函数 反比例函数 等差数列 等比数列 导数 排列组合 不定方程 奇偶性 "
        "鸡兔同笼 行程问题 工程问题 浓度问题 植树问题 盈亏问题 年龄问题"
    ).split(),
    "problem": (
        "{nick}有{3-90}{good}，送给{nick}{2-30}{good}后，两人一样多，{nick}原来有多少？",
        "甲、乙两地相距{60-900}千米，一辆客车每小时行{40-99}千米，几小时后还剩{10-50}千米？",
        "一个长方形的长是{8-60}厘米，宽比长少{2-7}厘米，它的面积是多少平方厘米？",
        "学校买来{20-300}{good}，平均分给{3-12}个班，每班分到多少，还剩多少？",
        "一项工程，甲队单独做{6-30}天完成，乙队单独做{6-40}天完成，两队合作需要几天？",
        "把{5-80}克盐放入{100-900}克水中，盐水的浓度是百分之几？",
        "鸡和兔共有{10-60}只，脚有{40-200}只，鸡和兔各有多少只？",
        "{place}小学有{group}{100-900}人，其中女生占{2-7}分之{1-3}，男生有多少人？",
        "一个圆柱的底面半径是{2-15}厘米，高是{5-40}厘米，求它的体积。",
        "已知二次函数的图象经过点（{1-9}，{2-20}）和（0，{1-9}），求它的表达式。",
        "在三角形中，角甲是角乙的{2-4}倍，角丙比角乙大{5-30}度，求三个角的度数。",
        "等差数列的首项是{1-20}，公差是{2-9}，求前{10-50}项的和。",
        "{nick}今年{6-13}岁，爸爸今年{30-45}岁，几年后爸爸的年龄是{nick}的{2-3}倍？",
        "一根绳子剪去{2-9}分之{1-1}，又剪去{2-20}米，还剩{5-40}米，这根绳子原来长多少米？",
        "商店把一件衣服按原价打{6-9}折出售，卖了{40-300}元，原价是多少元？",
        "在一条长{100-900}米的路两边每隔{4-20}米栽一棵树，一共要栽多少棵？",
        "从{3-9}名男生和{3-9}名女生中选出{2-4}人参加比赛，有多少种不同的选法？",
        "两个数的最大公因数是{2-12}，最小公倍数是{60-360}，其中一个数是{12-60}，求另一个数。",
        "{group}们排成{4-30}行，每行{5-40}人，如果每行增加{2-9}人，一共有多少人？",
        "口袋里有{2-9}个红球、{2-9}个白球，任意摸出一个，摸到红球的可能性是多少？",
        "用{3-9}、{1-2}、0三个数字可以组成多少个没有重复数字的三位数？",
        "解方程：{2-12}乘以某数再加{3-40}等于{50-200}，这个数是多少？",
        "{name}老师带{20-60}名{group}去{place}，门票每张{5-40}元，满{30-50}人可以打折，"
        "怎样买票最省钱？",
        "求证：任意{3-9}个连续自然数的和一定能被{3-9}整除。",
    ),
    "step": (
        "解：先求出每份是多少，{12-96}除以{2-12}等于{2-30}。",
        "设原来的数为未知数，根据题意列出方程，移项后得到{2-60}。",
        "因为单价乘以数量等于总价，所以一共是{20-900}元。",
        "路程等于速度乘以时间，所以需要{2-15}小时。",
        "把{item}转化成{item}来考虑，问题就变得{like}了。",
        "由{item}的性质可知，两边之和是{10-90}，差是{2-20}。",
        "假设全部都是兔，那么脚的只数多出{4-60}，每换一只少两只。",
        "画出线段图，可以看出{nick}比{nick}多{2-40}。",
        "综上所述，答案是{3-300}。",
        "答：一共需要{3-200}{good}。",
        "验算：{2-40}加{2-40}等于{10-80}，符合题意。",
        "要注意单位的换算，一米等于一百厘米，所以是{100-900}厘米。",
        "根据{item}的定义，只要{act}{item}就可以{act}。",
        "连接对角线，利用{item}证明两个三角形全等。",
        "代入原式，左边等于{2-90}，右边也等于{2-90}。",
        "这里最容易错的{thing}是忘记{act}{item}。",
        "分两种情况{act}：第一种有{2-30}种，第二种有{2-30}种，相加即可。",
        "当自变量取{1-9}时，函数有最大值{10-90}。",
    ),
    "teach": (
        "本节课主要{act}{item}和{item}的{thing}，要求{group}能够{act}。",
        "学习{item}之前，应当先{act}{item}。",
        "{item}是{like}的{thing}，考试中经常和{item}一起出现。",
        "请同学们{act}下面的{thing}，并{act}{item}。",
        "{name}老师认为，{item}的关键是{act}{thing}。",
        "教学目标：理解{item}的意义，能用{item}解决{like}的{thing}。",
        "通过{act}，我们发现{item}与{item}有{like}的{thing}。",
    ),
    "title": (
        "{item}与{item}练习题",
        "小学{item}应用题（{1-90}）",
        "第{1-30}课 {item}",
        "{place}{2001-2023}年期末试卷：{item}",
        "{item}解题技巧",
        "怎样学好{item}",
    ),
}

_LIFE_WORDS = {
    "news": (
        "政府 会议 代表 企业 经济 改革 投资 医院 学校 交通 地铁 公路 机场 农业 粮食 旅游 环保 "
        "污染 房价 就业 养老 社区 居民 警方 法院 案件 消费 节日 比赛 球队 教练 冠军 电影 导演 "
        "演员 票房 歌手 记者 专家 报告 论坛 合作 峰会 出口 关税 芯片 新能源"
    ),
    "food": (
        "豆腐 土豆 白菜 萝卜 猪肉 牛肉 鸡蛋 面条 米饭 酱油 料酒 生姜 大蒜 葱花 辣椒 花椒 香油 "
        "白糖 食盐 淀粉 蘑菇 木耳 茄子 黄瓜 排骨 虾仁 鲤鱼 砂锅 炒锅 蒸笼 饺子 馒头 包子 汤圆 "
        "粽子 豆浆 绿茶 红枣 枸杞 芝麻 花生 火锅 凉拌"
    ),
    "shop": (
        "手机 电脑 耳机 键盘 屏幕 电池 充电器 相机 冰箱 洗衣机 空调 电视 沙发 床垫 窗帘 衣柜 书包 "
        "球鞋 外套 裙子 口红 面霜 奶粉 玩具 积木 图书 文具 订单 快递 包邮 优惠券 客服 退货 评价 "
        "库存 品牌 型号 尺寸 颜色 保修 发票 套餐"
    ),
    "travel": (
        "酒店 民宿 景区 门票 古镇 寺庙 长城 海滩 沙漠 草原 瀑布 雪山 高铁 航班 签证 导游 攻略 "
        "夜市 小吃 温泉 博物馆 公园 湖泊 码头 索道 日出 行李 地图 路线 自驾 露营 帐篷 摄影 梯田 "
        "峡谷 石窟 竹林"
    ),
    "tech": (
        "程序 代码 函数 数组 矩阵 变量 循环 接口 数据库 服务器 算法 网络 端口 日志 线程 内存 缓存 "
        "编译 框架 模块 域名 根目录 权限 脚本 指针 索引 集合 序列 极限 测试 部署 容器 云计算 "
        "人工智能 模型 训练 开源 版本 分支"
    ),
}

_LIFE: dict[str, Sequence[str]] = {
    "sentence": (
        "{name}表示，{noun}的{thing}十分{like}，要{act}{noun}。",
        "{place}今年的{noun}比去年增加了百分之{2-60}，{noun}也有{like}的{thing}。",
        "把{noun}和{noun}放在一起，{3-40}分钟后再加入{noun}。",
        "这款{noun}售价{20-900}元，{thing}{like}，适合{act}。",
        "从{place}到{place}只要{2-9}个小时，沿途的{noun}非常{like}。",
        "很多人{act}{noun}，却忽视了{noun}的{thing}。",
        "{2001-2023}年，{name}在{place}{act}了第一家{noun}。",
        "如果{noun}不够{like}，可以先{act}{noun}。",
        "记者从{place}了解到，{noun}的{act}已经{act}。",
        "我{act}了{2-12}次，{noun}还是不{like}，请问怎么{act}？",
        "{noun}、{noun}和{noun}是{like}的三种{noun}。",
        "这个{noun}的{thing}是{noun}，平均每{2-9}天{act}一次。",
        "专家{name}认为{noun}对{thing}的影响是{like}的。",
        "大家好，今天{act}一下{like}的{noun}。",
        "共有{100-9000}人参加，其中{10-90}人{act}了{noun}。",
    ),
    "title": (
        "{place}{noun}{act}的{thing}",
        "{like}的{noun}怎么{act}",
        "{name}谈{noun}与{noun}",
        "{2-20}种{like}的{noun}",
        "{noun}{act}指南",
    ),
    "comment": (
        "楼主的{noun}真{like}，学习了。",
        "我在{place}也{act}过，{thing}不{like}。",
        "请问{noun}多少钱？",
        "支持{name}，{act}得很{like}！",
    ),
}
TOPICS = tuple(_LIFE_WORDS)
_LIFE_RULES = {
    topic: _SHARED | _LIFE | {"noun": words.split()} for topic, words in _LIFE_WORDS.items()
}


def school_telling(dice: Dice) -> Telling:
    """A telling of school mathematics."""
    telling = Telling(dice, _MATH, "school")
    telling.narrow(item=8, thing=12, act=10, like=8, good=8, nick=5)
    return telling


def school(telling: Telling, problems: int) -> list[Block]:
    """An introduction, problems, their solutions."""
    blocks: list[Block] = [("p", "".join(telling.say("teach") for _ in range(2)))]
    for at in range(problems):
        if at % 5 == 4:
            blocks.append(("h2", telling.say("title")))
            blocks.append(("p", telling.say("teach") + telling.say("teach")))
        blocks.append(("p", f"{at + 1}．" + telling.say("problem")))
        if telling.dice.chance(0.75):
            steps = [telling.say("step") for _ in range(telling.dice.between(2, 4))]
            blocks.append(("p", "".join(steps)))
    return blocks


def life_telling(dice: Dice, topic: str) -> Telling:
    """A telling of an everyday page, of one of ``TOPICS``."""
    telling = Telling(dice, _LIFE_RULES[topic])
    telling.narrow(noun=12, thing=14, act=12, like=10, place=4, name=4)
    return telling


def life(telling: Telling, paragraphs: int) -> list[Block]:
    """Paragraphs under a few headings."""
    blocks: list[Block] = []
    for at in range(paragraphs):
        if at % 4 == 3:
            blocks.append(("h2", telling.say("title")))
        sentences = [telling.say("sentence") for _ in range(telling.dice.between(3, 7))]
        blocks.append(("p", "".join(sentences)))
    return blocks
