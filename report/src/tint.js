// ECharts forgets the style of a brushed interval when another axis is brushed, and
// falls back to its own, which hides what lies below. So that one is made transparent;
// this has to come before anything of ECharts that reads it.
import tokens from 'echarts/lib/visual/tokens.js';

export const interval = 'rgba(70, 130, 215, .3)';
tokens.color.borderTint = interval;
tokens.color.backgroundTint = 'rgb(70, 130, 215)';
